import { collectGarbage } from '../core/maintenance/collect.ts';
import { RegistryHeldError, readHold } from '../core/maintenance/hold.ts';
import type { MaintenanceDeps } from '../core/maintenance/maintenance.ts';
import type { Handler, Queue } from '../core/queue/port.ts';

/**
 * Schedules garbage collection every so many seconds, by any one worker; 0 ends it. Call it at every start and
 * whenever the queue may have lost its content: repeated calls change nothing.
 */
export async function scheduleGarbageCollection(queue: Queue, seconds: number): Promise<void> {
  await queue.schedule('upkeep', seconds * 1000);
}

/**
 * Creates the queue handler that collects garbage.
 * @param times see `CollectOptions`
 */
export function createCollectHandler(
  maintenance: MaintenanceDeps,
  times: { graceSeconds: number; expirySeconds: number; restoreSeconds: number },
): Handler {
  return async ({ signal }) => {
    try {
      // The store may be that of the original, whose newer archives this database does not know.
      if (await readHold(maintenance.db))
        return maintenance.log.info('no garbage is collected, the registry is held');
      const collected = await collectGarbage(maintenance, { ...times, signal });
      if (collected) maintenance.log.info(collected, 'garbage collected');
      else maintenance.log.info('another garbage collection is under way');
    } catch (error) {
      if (error instanceof RegistryHeldError)
        return maintenance.log.info('the garbage collection has ended, since the registry is held now');
      if (!signal.aborted) maintenance.log.warn({ error }, 'garbage was not collected, it is tried again');
      throw error;
    }
  };
}
