import { setMaxListeners } from 'node:events';
import { createGate, type Gate } from '../runtime/concurrency.ts';
import { leaveSeconds } from './bullmq.ts';
import { type Consumer, GivenBack, type Handler, type Queue, type QueueName } from './port.ts';

/** A consumer of this process, as whoever enqueues sees it. */
interface Hands {
  /** Takes an identifier over. @returns false when there is no room, or no more is taken */
  take(id: string): boolean;
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
export function handingOver(queue: Queue, onError: (error: unknown) => void): Queue {
  const consumers = new Map<QueueName, Hands>();
  return {
    ...queue,
    async enqueue(name, ids) {
      const hands = consumers.get(name);
      const left = hands ? ids.filter((id) => !hands.take(id)) : ids;
      return left.length > 0 ? queue.enqueue(name, left) : left;
    },
    async consume(name, concurrency, handler) {
      const gate = createGate(concurrency);
      const consumer = await queue.consume(name, concurrency, (arrival) => gate.pass(() => handler(arrival)));
      const hands = createHands({
        // As many again may wait as can be worked on: more had better go to a process that is idle.
        most: 2 * concurrency,
        pass: gate.pass,
        handler,
        putBack: (id) => queue.enqueue(name, [id]).catch(onError),
      });
      consumers.set(name, hands);
      return {
        async close(deadline) {
          if (consumers.get(name) === hands) consumers.delete(name);
          await Promise.all([hands.close(deadline), consumer.close(deadline)]);
        },
      };
    },
  };
}

interface HandsOptions extends Gate {
  most: number;
  handler: Handler;
  /** Puts an identifier on the server. */
  putBack(id: string): Promise<unknown>;
}

function createHands({ most, pass, handler, putBack }: HandsOptions): Hands & Consumer {
  const held = new Map<string, Promise<void>>();
  const ending = new AbortController();
  // Each that is in hand listens to it.
  setMaxListeners(0, ending.signal);
  let closing = false;

  async function handle(id: string): Promise<void> {
    try {
      await pass(async () => {
        // What has not been begun when the process ends goes to another.
        if (closing) throw new GivenBack();
        await handler({ id, attempt: 1, last: false, signal: ending.signal });
      });
    } catch {
      // The handler has said what is wrong. On the server it has all its tries.
      await putBack(id);
    } finally {
      held.delete(id);
    }
  }

  return {
    take(id) {
      if (held.has(id)) return true;
      if (closing || held.size >= most) return false;
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
