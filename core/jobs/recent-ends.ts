import type { Job } from './job.ts';

/** The jobs that were last heard to have ended. */
export interface RecentEnds {
  /** @param job as it ended, where that is known */
  note(id: string, job?: Job): void;
  has(id: string): boolean;
  get(id: string): Job | undefined;
}

/** As many as end while a request that has just sent one turns to waiting for it, by far. */
const most = 1000;

export function createRecentEnds(): RecentEnds {
  const ends = new Map<string, Job | undefined>();
  return {
    note(id, job) {
      ends.set(id, job ?? ends.get(id));
      for (const oldest of ends.keys()) {
        if (ends.size <= most) return;
        ends.delete(oldest);
      }
    },
    has: (id) => ends.has(id),
    get: (id) => ends.get(id),
  };
}
