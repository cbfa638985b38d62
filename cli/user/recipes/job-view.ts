import type { Job, Warning } from '../../../client/src/index.ts';
import { formatTime } from '../display/count.ts';
import type { View } from '../display/view.ts';
import { formatAddress } from '../parse-address.ts';
import type { Session } from '../session/session.ts';
import { describeProgress } from './follow-job.ts';

/** Way to show jobs; their names are their ids. */
export const jobView: View<Job> = {
  columns: [
    { title: 'JOB', value: ({ id }) => id },
    { title: 'CHART', value: formatAddress },
    { title: 'STATE', value: describeProgress },
    { title: 'CREATED', value: ({ createdAt }) => formatTime(createdAt) },
    { title: 'FINISHED', value: ({ finishedAt }) => formatTime(finishedAt) },
    { title: 'AUTHOR', value: ({ author }) => author },
    { title: 'ERROR', value: ({ error }) => error?.message },
  ],
  name: ({ id }) => id,
};

/** Way to show jobs that are over by the charts that they made. */
export const composedJobView: View<Job> = { ...jobView, name: formatAddress };

/** Writes warnings to standard error. */
export function writeWarnings({ note }: Pick<Session, 'note'>, warnings: readonly Warning[]): void {
  for (const { message, code, pointer, place } of warnings) {
    const where = place ? `, line ${place.line}, column ${place.column}` : '';
    note(`warning: ${message} (${code} at ${pointer || '/'}${where})`);
  }
}
