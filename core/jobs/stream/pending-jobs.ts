import { sizeOfJob } from '../finished-jobs.ts';
import type { ChangedJob } from './read-changes.ts';

/** Jobs that may wait for a reader who was behind already, and their approximate bytes. */
const maxPendingJobs = 1_000;
const maxPendingBytes = 4 * 1024 * 1024;

/** Changed jobs that a reader has not taken yet. */
export interface PendingJobs {
  /**
   * Adds jobs as they are now; a job that waits already is replaced.
   * @returns false where the reader has too many; a page is never too much for one who had none
   */
  add(jobs: readonly ChangedJob[]): boolean;
  /** Takes all, in the order of their last changes. */
  take(): ChangedJob[];
  isEmpty(): boolean;
}

/** Creates an empty set of pending jobs. */
export function createPendingJobs(): PendingJobs {
  const pending = new Map<string, ChangedJob>();
  let bytes = 0;
  return {
    add(jobs) {
      const wasEmpty = pending.size === 0;
      for (const changed of jobs) {
        const { job } = changed;
        const known = pending.get(job.id);
        if (known) bytes -= sizeOfJob(known.job);
        pending.delete(job.id);
        pending.set(job.id, changed);
        bytes += sizeOfJob(job);
      }
      return wasEmpty || (pending.size <= maxPendingJobs && bytes <= maxPendingBytes);
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
