import { setMaxListeners } from 'node:events';
import { type ConcurrencyLimiter, createConcurrencyLimiter } from '../runtime/concurrency.ts';
import { leaveSeconds } from './bullmq.ts';
import { type Consumer, type Handler, type Queue, type QueueName, ReleasedError } from './port.ts';

/** A consumer of this process, as whoever enqueues sees it. */
interface LocalConsumer {
  /** Takes an identifier over. @returns false when there is no room, or no more is taken */
  tryDispatch(id: string): boolean;
}

/**
 * A queue on which what is put goes straight to a consumer of the same process, as long as that has a hand free: the server
 * in between would hand it back to this process after two more transactions. Everything else goes by way of the server:
 * what is too much for one process, what others put there, and what was handed over and could not be done.
 *
 * An identifier that was handed over is on no server. That loses nothing, for whoever enqueues has written down before that
 * it is to be done, and by when it is to be put on the queue again. Nor can it be removed any more: its handler finds that
 * there is nothing to do.
 * @param onError told when something could not be put on the server that was handed over before
 */
export function withLocalDispatch(queue: Queue, onError: (error: unknown) => void): Queue {
  const consumers = new Map<QueueName, LocalConsumer>();
  return {
    ...queue,
    async enqueue(name, ids) {
      const consumer = consumers.get(name);
      const left = consumer ? ids.filter((id) => !consumer.tryDispatch(id)) : ids;
      return left.length > 0 ? queue.enqueue(name, left) : left;
    },
    async consume(name, concurrency, handler) {
      const gate = createConcurrencyLimiter(concurrency);
      const remote = await queue.consume(name, concurrency, (arrival) => gate.run(() => handler(arrival)));
      const local = createLocalConsumer({
        // As many again may wait as can be worked on: more had better go to a process that is idle.
        maxPending: 2 * concurrency,
        run: gate.run,
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
  /** Puts an identifier on the server. */
  requeue(id: string): Promise<unknown>;
}

function createLocalConsumer({
  maxPending,
  run,
  handler,
  requeue,
}: LocalConsumerOptions): LocalConsumer & Consumer {
  const held = new Map<string, Promise<void>>();
  const ending = new AbortController();
  // Each that is in hand listens to it.
  setMaxListeners(0, ending.signal);
  let closing = false;

  async function handle(id: string): Promise<void> {
    try {
      await run(async () => {
        // What has not been begun when the process ends goes to another.
        if (closing) throw new ReleasedError();
        await handler({ id, attempt: 1, last: false, signal: ending.signal });
      });
    } catch {
      // The handler has said what is wrong. On the server it has all its tries.
      await requeue(id);
    } finally {
      held.delete(id);
    }
  }

  return {
    tryDispatch(id) {
      if (held.has(id)) return true;
      if (closing || held.size >= maxPending) return false;
      held.set(id, handle(id));
      return true;
    },
    async close(deadline) {
      closing = true;
      const done = Promise.all(held.values());
      await (deadline ? Promise.race([done, leftAfter(deadline)]) : done);
    },
  };

  /** Resolves when what was given back at the deadline has been: a server that does not answer must not keep the process. */
  function leftAfter(deadline: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        ending.abort(deadline.reason);
        setTimeout(resolve, leaveSeconds * 1000).unref();
      };
      if (deadline.aborted) end();
      else deadline.addEventListener('abort', end, { once: true });
    });
  }
}
