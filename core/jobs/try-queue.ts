import type { Queue, QueueName } from '../queue/port.ts';
import { inTime } from '../runtime/timeout.ts';
import type { Jobs } from './jobs.ts';
import { queuePatience } from './timings.ts';

/**
 * Puts identifiers on the queue whose rows are committed. It never fails and never takes long: what does not get there,
 * the sweep puts there.
 */
export async function tryEnqueue(jobs: Jobs, queue: QueueName, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tryQueue(jobs, ids, (to) => to.enqueue(queue, ids));
}

/** Takes a job off the queue that is over; one that stays there finds nothing to do when its turn comes. */
export async function tryRemove(jobs: Jobs, id: string): Promise<void> {
  await tryQueue(jobs, [id], (from) => from.remove('orchestrations', id));
}

async function tryQueue(
  jobs: Jobs,
  ids: readonly string[],
  call: (queue: Queue) => Promise<unknown>,
): Promise<void> {
  const answered = call(jobs.queue)
    .catch((error: unknown) => jobs.onQueueError(error, ids))
    .then(() => true);
  if (await inTime(answered, queuePatience, false)) return;
  jobs.onQueueError(new Error(`the queue did not answer within ${queuePatience} ms`), ids);
}
