import type { Queue, QueueName } from '../queue/port.ts';
import { withTimeout } from '../runtime/timeout.ts';
import type { JobDeps } from './jobs.ts';

/** Milliseconds that a request waits for the queue; the sweep enqueues ids that the queue has not confirmed by then. */
const queueTimeoutMs = 2_000;

/**
 * Enqueues ids whose rows are committed, without ever failing or taking longer than two seconds.
 * The sweep enqueues ids that did not reach the queue.
 */
export async function tryEnqueue(jobs: JobDeps, queue: QueueName, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await callQueueWithTimeout(jobs, ids, (server) => server.enqueue(queue, ids));
}

/** Removes an ended job from the queue. A worker that gets its id nevertheless finds nothing to do. */
export async function tryRemoveJob(jobs: JobDeps, id: string): Promise<void> {
  await callQueueWithTimeout(jobs, [id], (server) => server.remove('orchestrations', id));
}

async function callQueueWithTimeout(
  jobs: JobDeps,
  ids: readonly string[],
  call: (queue: Queue) => Promise<unknown>,
): Promise<void> {
  const answered = call(jobs.queue)
    .catch((error: unknown) => jobs.onQueueError(error, ids))
    .then(() => true);
  if (await withTimeout(answered, queueTimeoutMs, false)) return;
  jobs.onQueueError(new Error(`the queue did not answer within ${queueTimeoutMs} ms`), ids);
}
