import { LRUCache } from 'lru-cache';
import { createByteCache } from '../runtime/byte-cache.ts';
import type { Job } from './job.ts';

/** The jobs that ended last, as this process knows from its own work and from notifications. */
export interface FinishedJobCache {
  /** @param job the ended job; a notification has only the id */
  add(id: string, job?: Job): void;
  /** Whether a job is known to have ended. */
  has(id: string): boolean;
  /** An ended job, if it is cached; the table has it in any case. */
  get(id: string): Job | undefined;
}

/** Ended jobs that are known; far more than end between a request's commit and its subscription to the end. */
const maxJobs = 1000;

/** Bytes of cached jobs. */
const maxBytes = 4 * 1024 * 1024;

/** Approximate bytes of a job, of each of its sources, and of each of its warnings besides their texts. */
const bytesPerJob = 1_500;
const bytesPerSource = 500;
const bytesPerWarning = 500;

/** Creates an empty cache of ended jobs. */
export function createFinishedJobCache(): FinishedJobCache {
  const jobs = createByteCache<Job>(maxBytes);
  const ids = new LRUCache<string, true>({
    max: maxJobs,
    dispose: (_, id, reason) => {
      if (reason === 'evict') jobs.delete(id);
    },
  });
  return {
    add(id, job) {
      if (job) jobs.set(id, job, sizeOfJob(job));
      ids.set(id, true);
    },
    has: (id) => ids.has(id),
    get: (id) => jobs.get(id),
  };
}

/** Estimates the bytes of a job in memory. */
export function sizeOfJob({ sources, warnings, error }: Job): number {
  return (
    bytesPerJob +
    bytesOfTexts(error) +
    bytesPerSource * (sources?.length ?? 0) +
    bytesPerWarning * (warnings?.length ?? 0) +
    bytesOfTexts(warnings)
  );
}

/** Estimates the bytes of the texts in a part of a job. A character takes two bytes in memory. */
function bytesOfTexts(part: Job['error'] | Job['warnings']): number {
  return part ? JSON.stringify(part).length * 2 : 0;
}
