import { encodeSegment } from '../transport/address.ts';

/** Path of all jobs. */
export const jobsPath = '/api/v1/jobs';

/** Makes the path of a job. @throws {TypeError} for an id that no path can have */
export function jobPath(id: string): string {
  return `${jobsPath}/${encodeSegment(id)}`;
}
