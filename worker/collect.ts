import { collectGarbage } from '../core/maintenance/collect.ts';
import type { Upkeep } from '../core/maintenance/maintenance.ts';
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
export function createCollect(upkeep: Upkeep, times: { grace: number; expiry: number }): Handler {
  return async ({ signal }) => {
    try {
      const collected = await collectGarbage(upkeep, { ...times, signal });
      if (collected) upkeep.log.info(collected, 'garbage collected');
      else upkeep.log.info('another garbage collection is under way');
    } catch (error) {
      if (!signal.aborted) upkeep.log.warn({ error }, 'garbage was not collected, it is tried again');
      throw error;
    }
  };
}
