import type { Jobs } from '../core/jobs/jobs.ts';
import { sweep } from '../core/jobs/sweep.ts';
import type { Log } from '../core/log.ts';
import { catchUpSearch } from '../core/registry/search-catch-up.ts';

/** Milliseconds between two sweeps. */
const interval = 2_000;

/**
 * Sweeps now, and then again and again until it is stopped; never two sweeps of one process at once.
 * @param refill puts on the queue what no row asks for; called at the start and whenever the queue may have lost it, and
 *   again at the next sweep if it fails
 */
export function startSweeper(jobs: Jobs, log: Log, refill: () => Promise<void>): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let refilled: string | undefined;

  async function run(): Promise<void> {
    try {
      await catchUpSearch(jobs.db, interval, stopping.signal);
      const found = await sweep(jobs, stopping.signal);
      if (found.jobs + found.deliveries > 0) log.info(found, 'put back on the queue');
      if (found.generation !== refilled) await refill();
      refilled = found.generation;
    } catch (error) {
      log.warn({ error }, 'sweep failed, the next one comes');
    }
    if (!stopping.signal.aborted) timer = setTimeout(() => (running = run()), interval);
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
