import type { JobDeps } from '../core/jobs/jobs.ts';
import { sweep } from '../core/jobs/sweep.ts';
import { catchUpSearch } from '../core/registry/search-catch-up.ts';
import type { Log } from '../core/runtime/log.ts';

/** Milliseconds between two sweeps. */
const sweepIntervalMs = 2_000;

/**
 * Sweeps now, and then again and again until it is stopped; never two sweeps of one process at once. After each it brings
 * up to date what is searched: last, so that nothing that is wrong there keeps a job waiting.
 * @param refill puts on the queue what no row asks for; called at the start and whenever the queue may have lost it, and
 *   again at the next sweep if it fails
 */
export function startSweeper(
  jobs: JobDeps,
  log: Log,
  refill: () => Promise<void>,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let refilledGeneration: string | undefined;

  async function run(): Promise<void> {
    try {
      const found = await sweep(jobs, stopping.signal);
      if (found.jobs + found.deliveries > 0) log.info(found, 'put back on the queue');
      if (found.generation !== refilledGeneration) await refill();
      refilledGeneration = found.generation;
    } catch (error) {
      log.warn({ error }, 'sweep failed, the next one comes');
    }
    try {
      await catchUpSearch(jobs.db, sweepIntervalMs, stopping.signal);
    } catch (error) {
      log.warn({ error }, 'what is searched could not be brought up to date, the next sweep tries again');
    }
    if (!stopping.signal.aborted) timer = setTimeout(() => (running = run()), sweepIntervalMs);
  }

  let running = run();
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
