import type { JobDeps } from '../core/jobs/jobs.ts';
import { sweep } from '../core/jobs/sweep.ts';
import { type Hold, readHold } from '../core/maintenance/hold.ts';
import { catchUpSearch } from '../core/registry/search-catch-up.ts';
import type { Log } from '../core/runtime/log.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';

/** Milliseconds that one update of the search data may take before the next sweep. */
const searchUpdateMs = 2_000;

/**
 * Starts sweeping, now and at intervals until stopped; sweeps of one process never overlap. After each sweep the search
 * data is updated: last, so that its failures delay no job. In a held registry nothing is swept, so that what is due
 * stays due, and `rest` is called instead. The search data is updated all the same.
 * @param rest called while the registry is held
 * @param refill enqueues entries that no row asks for; called at the start and whenever the queue may have lost its
 *   content, and again at the next sweep if it fails
 */
export function startSweeper(
  jobs: JobDeps,
  log: Log,
  refill: () => Promise<void>,
  rest: (hold: Hold) => Promise<void>,
  intervalMs: number,
): Repetition {
  let refilledGeneration: string | undefined;
  let hold: Hold | undefined;
  const sweepOnce = async (signal: AbortSignal) => {
    const before = hold;
    hold = await readHold(jobs.db);
    if (hold && !before)
      log.warn(hold, 'the registry is held: no jobs, webhooks or collections until it resumes');
    if (hold) return rest(hold);
    if (before) log.info('the registry has resumed');
    const enqueued = await sweep(jobs, signal);
    if (enqueued.jobs + enqueued.deliveries > 0) log.info(enqueued, 'enqueued again');
    if (enqueued.generation !== refilledGeneration) await refill();
    refilledGeneration = enqueued.generation;
  };
  return startRepeating(
    async (signal) => {
      await sweepOnce(signal).catch((error: unknown) =>
        log.warn({ error }, 'a sweep failed, the next one tries again'),
      );
      await catchUpSearch(jobs.db, searchUpdateMs, signal);
    },
    intervalMs,
    (error) => log.warn({ error }, 'the search data could not be updated, the next sweep tries again'),
  );
}
