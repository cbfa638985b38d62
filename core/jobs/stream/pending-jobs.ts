import { sizeOfJob } from '../finished-jobs.ts';
import type { Job } from '../job.ts';

/** Jobs that may wait for a reader who was behind already, and their approximate bytes. */
const maxJobs = 1_000;
const maxBytes = 4 * 1024 * 1024;

/** Changed jobs that a reader has not taken yet. */
export interface PendingJobs {
  /**
   * Adds jobs as they are now; a job that waits already is replaced.
   * @returns false where the reader has too many; a page is never too much for one who had none
   */
  add(jobs: readonly Job[]): boolean;
  /** Takes all, in the order of their last changes. */
  take(): Job[];
  isEmpty(): boolean;
}

/** Creates an empty set of pending jobs. */
export function createPendingJobs(): PendingJobs {
  const pending = new Map<string, Job>();
  let bytes = 0;
  return {
    add(jobs) {
      const wasEmpty = pending.size === 0;
      for (const job of jobs) {
        const known = pending.get(job.id);
        if (known) bytes -= sizeOfJob(known);
        pending.delete(job.id);
        pending.set(job.id, job);
        bytes += sizeOfJob(job);
      }
      return wasEmpty || (pending.size <= maxJobs && bytes <= maxBytes);
    },
    take() {
      const taken = [...pending.values()];
      pending.clear();
      bytes = 0;
      return taken;
    },
    isEmpty: () => pending.size === 0,
  };
}
