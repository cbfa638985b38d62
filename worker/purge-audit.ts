import { purgeAudit } from '../core/audit/purge.ts';
import type { Database } from '../core/db/port.ts';
import type { Log } from '../core/runtime/log.ts';

/** Milliseconds from the end of one purge to the next. */
const intervalMs = 60 * 60 * 1000;

/**
 * Starts deleting audit events that are older than they are kept: now, and every hour until stopped. A purge that
 * fails is tried again after the same time.
 * @param days for which events are kept; 0 keeps them for ever
 */
export function startPurging(db: Database, log: Log, days: number): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    try {
      const removed = await purgeAudit(db, days, stopping.signal);
      if (removed > 0) log.info({ removed }, 'audit events were purged');
    } catch (error) {
      log.warn({ error }, 'audit events were not purged, the next purge tries again');
    }
    if (!stopping.signal.aborted) timer = setTimeout(() => (running = run()), intervalMs);
  }

  let running = days > 0 ? run() : Promise.resolve();
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
