import type { Context } from '../core/context.ts';
import { runRetention } from '../core/retention/run-retention.ts';
import { openDueRuns } from '../core/retention/runs.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';
import type { Activity } from './activity.ts';

/**
 * Starts running the retention of spaces. A run does what the schedule opens, and what somebody asked for.
 * A run that fails is logged, and taken up again by any worker.
 */
export function startRetention(
  { registry, access, config, log }: Context,
  activity: Activity,
  intervalMs: number,
): Repetition {
  const deps = { db: registry.db, locks: registry.locks, guarded: access.guarded };
  async function runOpened(signal: AbortSignal): Promise<void> {
    if (config.retentionInterval > 0) await openDueRuns(deps.db, config.retentionInterval);
    while (!signal.aborted) {
      const run = await runRetention(deps, signal);
      if (!run) return;
      if (run !== 'left') log.info({ run }, 'a run of retention has ended');
    }
  }
  return startRepeating(
    (signal) => activity.during(() => runOpened(signal)),
    intervalMs,
    (error) => log.warn({ error }, 'the retention of a space was not run to its end, it is tried again'),
  );
}
