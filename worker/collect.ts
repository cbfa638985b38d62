import { collectGarbage } from '../core/maintenance/collect.ts';
import type { MaintenanceDeps } from '../core/maintenance/maintenance.ts';
import type { Handler, Queue } from '../core/queue/port.ts';

/**
 * Sees to it that garbage is collected every so many seconds by one worker or another; 0 for never. To be called at every
 * start and whenever the queue may have lost what it had: it changes nothing where all is as it should be.
 */
export async function scheduleCollections(queue: Queue, seconds: number): Promise<void> {
  await queue.schedule('upkeep', seconds * 1000);
}

/**
 * Handles a collection that is due.
 * @param times in seconds; see `CollectOptions`
 */
export function createCollect(
  maintenance: MaintenanceDeps,
  times: { grace: number; expiry: number },
): Handler {
  return async ({ signal }) => {
    try {
      const collected = await collectGarbage(maintenance, { ...times, signal });
      if (collected) maintenance.log.info(collected, 'garbage collected');
      else maintenance.log.info('another garbage collection is under way');
    } catch (error) {
      if (!signal.aborted) maintenance.log.warn({ error }, 'garbage was not collected, it is tried again');
      throw error;
    }
  };
}
