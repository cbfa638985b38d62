import { LRUCache } from 'lru-cache';
import { createByteCache } from '../runtime/byte-cache.ts';
import type { Job } from './job.ts';

/** The jobs that were last heard to have ended. */
export interface FinishedJobCache {
  /** @param job as it ended, where that is known */
  note(id: string, job?: Job): void;
  has(id: string): boolean;
  /** A job as it ended, where that was noted and is still known: in any case it stands in the table. */
  get(id: string): Job | undefined;
}

/** As many as end while a request that has just sent one turns to waiting for it, by far. */
const maxJobs = 1000;

/** Bytes that the jobs themselves may take. */
const capacity = 4 * 1024 * 1024;

/** Bytes of a job, and of each source and warning of it, about. */
const perJob = 1_500;
const perSource = 500;
const perWarning = 1_000;

export function createFinishedJobCache(): FinishedJobCache {
  const jobs = createByteCache<Job>(capacity);
  const ids = new LRUCache<string, true>({
    max: maxJobs,
    dispose: (_, id, reason) => {
      if (reason === 'evict') jobs.delete(id);
    },
  });
  return {
    note(id, job) {
      if (job) jobs.set(id, job, sizeOf(job));
      ids.set(id, true);
    },
    has: (id) => ids.has(id),
    get: (id) => jobs.get(id),
  };
}

function sizeOf({ sources, warnings }: Job): number {
  return perJob + perSource * (sources?.length ?? 0) + perWarning * (warnings?.length ?? 0);
}
