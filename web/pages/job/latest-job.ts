import { isFinal, type Job } from '@helm-registry/client';

/** Job as its stream of events told it. */
export interface ToldJob<Shape extends Pick<Job, 'state'> = Job> {
  job: Shape;
  /** Job as it was loaded at that time. */
  loaded: Shape | undefined;
}

/**
 * Chooses the newer of a job that was loaded and one that was told. The newer one is its end, or else what came last. Answers and events
 * pass one another on their way, and the end of a job is the one state that no other follows.
 */
export function latestJob<Shape extends Pick<Job, 'state'>>(
  loaded: Shape | undefined,
  told: ToldJob<Shape> | undefined,
): Shape | undefined {
  if (told === undefined || loaded === undefined) return told?.job ?? loaded;
  if (isFinal(told.job)) return told.job;
  return isFinal(loaded) || loaded !== told.loaded ? loaded : told.job;
}
