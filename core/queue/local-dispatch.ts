import { setMaxListeners } from 'node:events';
import { type ConcurrencyLimiter, createConcurrencyLimiter } from '../runtime/concurrency.ts';
import { releaseTimeoutSeconds } from './bullmq.ts';
import { type Consumer, type Handler, type Queue, type QueueName, ReleasedError } from './port.ts';

/** Consumer of this process, as `enqueue` uses it. */
interface LocalConsumer {
  /** Accepts an id if there is room. @returns false when there is none, or while closing */
  tryDispatch(id: string): boolean;
}

/**
 * Dispatches ids to this process's consumer while it has room, past the queue server. Local dispatch saves two
 * transactions on the server. The server carries the rest: ids beyond this process's capacity, those that other
 * processes enqueue, and those that failed here.
 *
 * A dispatched id is on no server. Nothing is lost by that: the caller has committed the job, and the sweep
 * enqueues it later if this process dies. A dispatched id cannot be removed either; its handler finds that there
 * is nothing to do.
 * @param onError called when a failed local id could not be enqueued on the server
 */
export function withLocalDispatch(queue: Queue, onError: (error: unknown) => void): Queue {
  const consumers = new Map<QueueName, LocalConsumer>();
  return {
    ...queue,
    async enqueue(name, ids) {
      const consumer = consumers.get(name);
      const remaining = consumer ? ids.filter((id) => !consumer.tryDispatch(id)) : ids;
      return remaining.length > 0 ? queue.enqueue(name, remaining) : remaining;
    },
    async consume(name, concurrency, handler) {
      const limiter = createConcurrencyLimiter(concurrency);
      const remote = await queue.consume(name, concurrency, (arrival) => limiter.run(() => handler(arrival)));
      const local = createLocalConsumer({
        // Twice the concurrency: half run and half wait. More than that goes to an idle process.
        maxPending: 2 * concurrency,
        run: limiter.run,
        handler,
        requeue: (id) => queue.enqueue(name, [id]).catch(onError),
      });
      consumers.set(name, local);
      return {
        async close(deadline) {
          if (consumers.get(name) === local) consumers.delete(name);
          await Promise.all([local.close(deadline), remote.close(deadline)]);
        },
      };
    },
  };
}

interface LocalConsumerOptions extends ConcurrencyLimiter {
  maxPending: number;
  handler: Handler;
  /** Enqueues an id on the server. */
  requeue(id: string): Promise<unknown>;
}

function createLocalConsumer({
  maxPending,
  run,
  handler,
  requeue,
}: LocalConsumerOptions): LocalConsumer & Consumer {
  const dispatched = new Map<string, Promise<void>>();
  const ending = new AbortController();
  // Node warns of more than 10 listeners; every running handler adds one.
  setMaxListeners(0, ending.signal);
  let closing = false;

  async function handle(id: string): Promise<void> {
    try {
      await run(async () => {
        // Ids that have not started when the process ends go to another process.
        if (closing) throw new ReleasedError();
        await handler({ id, attempt: 1, last: false, signal: ending.signal });
      });
    } catch {
      // The handler has logged the error. On the server the id has all its attempts.
      await requeue(id);
    } finally {
      dispatched.delete(id);
    }
  }

  return {
    tryDispatch(id) {
      if (dispatched.has(id)) return true;
      if (closing || dispatched.size >= maxPending) return false;
      dispatched.set(id, handle(id));
      return true;
    },
    async close(deadline) {
      closing = true;
      const allDone = Promise.all(dispatched.values());
      await (deadline ? Promise.race([allDone, waitPastDeadline(deadline)]) : allDone);
    },
  };

  /**
   * Resolves `releaseTimeoutSeconds` after the deadline, in which releases are stored. A server that does not
   * answer must not keep the process.
   */
  function waitPastDeadline(deadline: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        ending.abort(deadline.reason);
        setTimeout(resolve, releaseTimeoutSeconds * 1000).unref();
      };
      if (deadline.aborted) end();
      else deadline.addEventListener('abort', end, { once: true });
    });
  }
}
