import type { Queue, QueueName } from '../queue/port.ts';
import type { Jobs } from './jobs.ts';
import { queuePatience } from './timings.ts';

/**
 * Puts identifiers on the queue whose rows are committed. It never fails and never takes long: what does not get there,
 * the sweep puts there.
 */
export function hurry(jobs: Jobs, queue: QueueName, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return Promise.resolve();
  return tellQueue(jobs, ids, (to) => to.enqueue(queue, ids));
}

/** Takes a job off the queue that is over; one that stays there finds nothing to do when its turn comes. */
export function takeOff(jobs: Jobs, id: string): Promise<void> {
  return tellQueue(jobs, [id], (from) => from.remove('orchestrations', id));
}

async function tellQueue(
  jobs: Jobs,
  ids: readonly string[],
  call: (queue: Queue) => Promise<void>,
): Promise<void> {
  const telling = call(jobs.queue).catch((error: unknown) => jobs.onQueueError(error, ids));
  const { promise: impatience, stop } = startPatience();
  const told = await Promise.race([telling.then(() => true), impatience]);
  stop();
  if (!told) jobs.onQueueError(new Error(`the queue did not answer within ${queuePatience} ms`), ids);
}

function startPatience(): { promise: Promise<false>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), queuePatience);
  });
  return { promise, stop: () => clearTimeout(timer) };
}
