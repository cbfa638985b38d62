import type { Context } from '../core/context.ts';
import { type ProcessFollowsOptions, processFollows } from '../core/follow/process-follows.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';
import type { Activity } from './activity.ts';

/**
 * Starts composing followed charts whose sources have changed: now, and at intervals until stopped.
 * A failure is logged, and the work is taken up again.
 */
export function startFollowing(
  { jobs, registry, access, config, log }: Context,
  activity: Activity,
  intervalMs: number,
): Repetition {
  const onError: ProcessFollowsOptions['onError'] = ({ id, followId }, error) =>
    log.warn(
      { run: id, follow: followId, error },
      'a followed chart could not be composed, it is tried again',
    );
  return startRepeating(
    (signal) =>
      activity.during(() =>
        processFollows({ jobs, registry, access }, { maxOpen: config.followJobs, signal, onError }),
      ),
    intervalMs,
    (error) => log.warn({ error }, 'no followed charts could be composed, it is tried again'),
  );
}
