import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { quickTimings } from '../../test/support/queue-timings.ts';
import type { QueueOptions } from './bullmq.ts';
import { type Consumer, GivenBack, type Handler, type Queue, type QueueName } from './port.ts';

/** A server to test the queue on. */
export interface QueueUnderTest {
  /** As the child process of `test/support/queue-child.ts` takes it. */
  kind: 'postgres' | 'redis';
  url: string;
  open(url: string, options: QueueOptions): Queue;
  /** Runs after the last test. */
  dispose(): Promise<void>;
}

/** Everything that takes seconds in production takes a fraction here. */
export const quick: Required<Pick<QueueOptions, 'policies' | 'timings'>> = {
  policies: {
    orchestrations: { attempts: 3, backoff: 40, longest: 60 },
    deliveries: { attempts: 2, backoff: 20, longest: 20 },
    upkeep: { attempts: 2, backoff: 20, longest: 20 },
  },
  timings: quickTimings,
};

const childScript = fileURLToPath(new URL('../../test/support/queue-child.ts', import.meta.url));

/** The rules of the queue port; both forms of the queue must pass. */
export function describeQueue(name: string, create: () => Promise<QueueUnderTest>): void {
  describe(`queue on ${name}`, () => {
    let under: QueueUnderTest;
    let queue: Queue;
    let consumers: Consumer[] = [];
    const children: ChildProcess[] = [];

    beforeAll(async () => {
      under = await create();
      queue = under.open(under.url, { ...quick, onError: () => undefined });
    });
    afterEach(async () => {
      for (const child of children.splice(0)) child.kill('SIGKILL');
      await Promise.all(consumers.map((consumer) => consumer.close()));
      consumers = [];
    });
    afterAll(async () => {
      await queue.close();
      await under.dispose();
    });

    const consume = async (handler: Handler, concurrency = 4, on: QueueName = 'orchestrations') => {
      const consumer = await queue.consume(on, concurrency, handler);
      consumers.push(consumer);
      return consumer;
    };
    const newIds = (count: number) => Array.from({ length: count }, () => randomUUID());

    it('hands out every identifier once', async () => {
      const ids = newIds(60);
      const arrived: string[] = [];
      await queue.enqueue('orchestrations', ids);
      await consume(async ({ id }) => void arrived.push(id));
      await expect.poll(() => [...arrived].sort()).toEqual([...ids].sort());
    });

    it('wakes a consumer that waits', async () => {
      const arrived: string[] = [];
      await consume(async ({ id }) => void arrived.push(id));
      for (const id of newIds(3)) {
        await queue.enqueue('orchestrations', [id]);
        await expect.poll(() => arrived).toContain(id);
      }
    });

    it('keeps the queues apart', async () => {
      const [job = '', delivery = ''] = newIds(2);
      const arrived: string[] = [];
      await consume(async ({ id }) => void arrived.push(`job ${id}`));
      await consume(async ({ id }) => void arrived.push(`delivery ${id}`), 1, 'deliveries');
      await queue.enqueue('deliveries', [delivery]);
      await queue.enqueue('orchestrations', [job]);
      await expect.poll(() => arrived.sort()).toEqual([`delivery ${delivery}`, `job ${job}`]);
    });

    it('takes an identifier that is on the queue for the same one, and again once it is done', async () => {
      const [id = '', end = ''] = newIds(2);
      const arrived: string[] = [];
      await queue.enqueue('orchestrations', [id, id]);
      await queue.enqueue('orchestrations', [id]);
      await queue.enqueue('orchestrations', [end]);
      await consume(async (arrival) => void arrived.push(arrival.id), 1);
      await expect.poll(() => arrived).toEqual([id, end]);
      await queue.enqueue('orchestrations', [id]);
      await expect.poll(() => arrived).toEqual([id, end, id]);
    });

    it('tries again after a failure, later each time, and says which try is the last', async () => {
      const [id = '', end = ''] = newIds(2);
      const tries: { try: string; at: number }[] = [];
      await queue.enqueue('orchestrations', [id]);
      await consume(async ({ attempt, last, ...arrival }) => {
        tries.push({ try: `${arrival.id} ${attempt} ${last}`, at: performance.now() });
        if (arrival.id === id) throw new Error('not yet');
      }, 1);
      const three = [`${id} 1 false`, `${id} 2 false`, `${id} 3 true`];
      await expect.poll(() => tries.map((one) => one.try)).toEqual(three);
      const [first = 0, second = 0, third = 0] = tries.map(({ at }) => at);
      // Servers keep whole milliseconds.
      expect(second - first).toBeGreaterThan(38);
      expect(third - second).toBeGreaterThan(58);
      // Given up, it counts as new when it comes again; the one in between makes sure that it was given up.
      await queue.enqueue('orchestrations', [end]);
      await expect.poll(() => tries.map((one) => one.try)).toEqual([...three, `${end} 1 false`]);
      await queue.enqueue('orchestrations', [id]);
      await expect.poll(() => tries.filter((one) => one.try === three[2])).toHaveLength(2);
    });

    it('is done with an identifier whose second try succeeds', async () => {
      const [id = '', end = ''] = newIds(2);
      const tries: string[] = [];
      await queue.enqueue('orchestrations', [id]);
      await consume(async (arrival) => {
        tries.push(`${arrival.id} ${arrival.attempt}`);
        if (arrival.id === id && arrival.attempt === 1) throw new Error('not yet');
      }, 1);
      await expect.poll(() => tries).toEqual([`${id} 1`, `${id} 2`]);
      await queue.enqueue('orchestrations', [end]);
      await expect.poll(() => tries).toEqual([`${id} 1`, `${id} 2`, `${end} 1`]);
    });

    it('does not hand out what was removed', async () => {
      const [removed = '', stays = '', unknown = ''] = newIds(3);
      const arrived: string[] = [];
      await queue.enqueue('orchestrations', [removed, stays]);
      await queue.remove('orchestrations', removed);
      await queue.remove('orchestrations', unknown);
      await consume(async ({ id }) => void arrived.push(id), 1);
      await expect.poll(() => arrived).toEqual([stays]);
    });

    it('leaves to the worker what it has in hand when that is removed', async () => {
      const [id = '', end = ''] = newIds(2);
      const gate = createGate();
      const done: string[] = [];
      await queue.enqueue('orchestrations', [id]);
      await consume(async (arrival) => {
        if (arrival.id === id) await gate.pass();
        done.push(arrival.id);
      }, 1);
      await gate.reached;
      await queue.remove('orchestrations', id);
      gate.open();
      await queue.enqueue('orchestrations', [end]);
      await expect.poll(() => done).toEqual([id, end]);
    });

    it('has no more in hand than its concurrency', async () => {
      let inHand = 0;
      let most = 0;
      let done = 0;
      await queue.enqueue('orchestrations', newIds(12));
      await consume(async () => {
        inHand += 1;
        most = Math.max(most, inHand);
        await new Promise((resolve) => setImmediate(resolve));
        inHand -= 1;
        done += 1;
      }, 3);
      await expect.poll(() => done).toBe(12);
      expect(most).toBeLessThanOrEqual(3);
    });

    it('waits on close for what is in hand, and takes no more', async () => {
      const [first = '', second = ''] = newIds(2);
      const gate = createGate();
      const done: string[] = [];
      await queue.enqueue('orchestrations', [first]);
      const consumer = await consume(async ({ id, signal }) => {
        await gate.pass();
        done.push(`${id} ${signal.aborted}`);
      }, 1);
      await gate.reached;
      let closed = false;
      const closing = consumer.close().then(() => {
        closed = true;
      });
      await queue.enqueue('orchestrations', [second]);
      expect(closed).toBe(false);
      gate.open();
      await closing;
      expect(done).toEqual([`${first} false`]);
      await consume(async ({ id }) => void done.push(id));
      await expect.poll(() => done).toEqual([`${first} false`, second]);
    });

    it('aborts what is in hand when the deadline passes, and gives it out again', async () => {
      const [id = ''] = newIds(1);
      const gate = createGate();
      await queue.enqueue('orchestrations', [id]);
      const consumer = await consume(async ({ signal }) => {
        const aborted = once(signal, 'abort');
        await Promise.race([gate.pass(), aborted]);
        signal.throwIfAborted();
      });
      await gate.reached;
      const deadline = new AbortController();
      const closing = consumer.close(deadline.signal);
      deadline.abort(new Error('shutting down'));
      await closing;
      const arrived: number[] = [];
      await consume(async ({ attempt }) => void arrived.push(attempt));
      await expect.poll(() => arrived).toEqual([2]);
    });

    it('gives out at once what is given back at the deadline, and counts no attempt', async () => {
      const [id = ''] = newIds(1);
      const gate = createGate();
      const arrived: string[] = [];
      await queue.enqueue('orchestrations', [id]);
      const consumer = await consume(async ({ signal }) => {
        await Promise.race([gate.pass(), once(signal, 'abort')]);
        throw new GivenBack();
      });
      await gate.reached;
      // Another worker that waits already, as in another process.
      const other = under.open(under.url, { ...quick, onError: () => undefined });
      await other.consume('orchestrations', 1, async ({ attempt, ...arrival }) => {
        arrived.push(`${arrival.id} ${attempt}`);
      });
      const begun = performance.now();
      await consumer.close(AbortSignal.abort());
      await expect.poll(() => arrived).toEqual([`${id} 1`]);
      // The worker's lock would have held it for longer.
      expect(performance.now() - begun).toBeLessThan(quick.timings.lockDuration);
      await other.close();
    });

    it('calls itself the same, whoever asks, as long as nothing on it is lost', async () => {
      const other = under.open(under.url, { ...quick, onError: () => undefined });
      const names = [await queue.generation(), await other.generation()];
      await queue.enqueue('deliveries', newIds(1));
      names.push(await queue.generation());
      await other.close();
      const late = under.open(under.url, { ...quick, onError: () => undefined });
      names.push(await late.generation());
      await late.close();
      expect(new Set(names).size).toBe(1);
      await consume(async () => undefined, 1, 'deliveries');
    });

    it('gives out again what a worker had that was killed, however long its handler takes', async () => {
      const [id = ''] = newIds(1);
      const child = spawn(process.execPath, ['--import', 'tsx', childScript, under.kind, under.url], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      await queue.enqueue('orchestrations', [id]);
      expect((await lines.next()).value).toBe(`${id} 1`);
      const arrived: string[] = [];
      await consume(async (arrival) => void arrived.push(`${arrival.id} ${arrival.attempt}`));
      child.kill('SIGKILL');
      await expect.poll(() => arrived, { timeout: 20_000 }).toEqual([`${id} 1`]);
    });

    it('hands out by itself what is scheduled, once each time, whoever asks for it and however often', async () => {
      const every = 400;
      const other = under.open(under.url, { ...quick, onError: () => undefined });
      const arrived: string[] = [];
      const began = Date.now();
      await Promise.all([queue, other, queue, other].map((asking) => asking.schedule('upkeep', every)));
      await consume(async ({ id }) => void arrived.push(id), 1, 'upkeep');
      await other.consume('upkeep', 1, async ({ id }) => void arrived.push(id));
      // Asking again must not put the next time off.
      const ask = async () => {
        await Promise.all([queue.schedule('upkeep', every), other.schedule('upkeep', every)]);
        return arrived.length;
      };
      await expect.poll(ask, { timeout: 15_000, interval: 30 }).toBeGreaterThanOrEqual(5);
      expect(new Set(arrived).size).toBe(arrived.length);
      expect(arrived.length).toBeLessThanOrEqual(Math.ceil((Date.now() - began) / every) + 1);
      await queue.schedule('upkeep', 0);
      await other.close();
    });

    it('ends what is scheduled, and begins anew with another interval', async () => {
      const counts = { upkeep: 0, deliveries: 0 };
      for (const name of ['upkeep', 'deliveries'] as const) {
        const countOne = async () => {
          counts[name] += 1;
        };
        await consume(countOne, 1, name);
      }
      await queue.schedule('upkeep', 3_600_000);
      await queue.schedule('upkeep', 200);
      await expect.poll(() => counts.upkeep, { timeout: 5_000 }).toBeGreaterThanOrEqual(2);
      await queue.schedule('upkeep', 0);
      await queue.schedule('upkeep', 0);
      // What was on its way when it was ended may still come, and then no more.
      await queue.schedule('deliveries', 200);
      await expect.poll(() => counts.deliveries, { timeout: 5_000 }).toBeGreaterThanOrEqual(3);
      const before = counts.upkeep;
      await expect.poll(() => counts.deliveries, { timeout: 5_000 }).toBeGreaterThanOrEqual(6);
      await queue.schedule('deliveries', 0);
      expect(counts.upkeep).toBe(before);
    });

    it('keeps what is on it while nobody has it open', async () => {
      const [id = ''] = newIds(1);
      const producer = under.open(under.url, { ...quick, onError: () => undefined });
      await producer.enqueue('deliveries', [id]);
      await producer.close();
      const arrived: string[] = [];
      await consume(async (arrival) => void arrived.push(arrival.id), 1, 'deliveries');
      await expect.poll(() => arrived).toEqual([id]);
    });

    it('refuses calls once it is closed, and closes its consumers', async () => {
      const other = under.open(under.url, { ...quick, onError: () => undefined });
      await other.consume('deliveries', 1, async () => undefined);
      await Promise.all([other.enqueue('orchestrations', []), other.close(), other.close()]);
      await expect(other.enqueue('orchestrations', newIds(1))).rejects.toThrow('closed');
    });

    it('answers a ping', async () => {
      await expect(queue.ping()).resolves.toBeUndefined();
    });

    it('says so when the server cannot be reached, and comes to no harm', async () => {
      const nowhere = new URL(under.url);
      nowhere.port = '1';
      const unreachable = under.open(nowhere.href, { ...quick, onError: () => undefined });
      await expect(unreachable.ping()).rejects.toThrow();
      await expect(unreachable.enqueue('orchestrations', newIds(1))).rejects.toThrow();
      await expect(unreachable.consume('orchestrations', 1, async () => undefined)).rejects.toThrow();
      await unreachable.close();
    });
  });
}

/** Where a handler stops until the test lets it go on. */
function createGate(): { pass(): Promise<void>; open(): void; reached: Promise<void> } {
  let open: () => void = () => undefined;
  let reach: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return {
    open,
    reached,
    pass() {
      reach();
      return opened;
    },
  };
}
