import { isFinal, type Job } from '@helm-registry/client';

/** Job as an event of its stream has it. */
export interface StreamedJob<Shape extends Pick<Job, 'state'> = Job> {
  job: Shape;
  /** Job as it was loaded at that time. */
  loaded: Shape | undefined;
}

/**
 * Chooses the newer of a loaded job and one from the stream of events. A final job is the newer one, else the one that
 * came last. A response and an event may overtake each other, and only a final state is followed by no other.
 */
export function latestJob<Shape extends Pick<Job, 'state'>>(
  loaded: Shape | undefined,
  streamed: StreamedJob<Shape> | undefined,
): Shape | undefined {
  if (streamed === undefined || loaded === undefined) return streamed?.job ?? loaded;
  if (isFinal(streamed.job)) return streamed.job;
  return isFinal(loaded) || loaded !== streamed.loaded ? loaded : streamed.job;
}
