import { expect, it } from 'vitest';
import { createLatch, newIds, type QueueTools } from './setup.ts';

/** Tests when and how often a handler gets an enqueued id. */
export function testConsuming(use: QueueTools): void {
  it('the queue delivers every id once', async () => {
    const ids = newIds(60);
    const arrived: string[] = [];
    await use.queue.enqueue('orchestrations', ids);
    await use.consume(async ({ id }) => void arrived.push(id));
    await expect.poll(() => [...arrived].sort()).toEqual([...ids].sort());
  });

  it('the queue wakes a waiting consumer', async () => {
    const arrived: string[] = [];
    await use.consume(async ({ id }) => void arrived.push(id));
    for (const id of newIds(3)) {
      await use.queue.enqueue('orchestrations', [id]);
      await expect.poll(() => arrived).toContain(id);
    }
  });

  it('the queue keeps its names apart', async () => {
    const [job = '', delivery = ''] = newIds(2);
    const arrived: string[] = [];
    await use.consume(async ({ id }) => void arrived.push(`job ${id}`));
    await use.consume(async ({ id }) => void arrived.push(`delivery ${id}`), 1, 'deliveries');
    await use.queue.enqueue('deliveries', [delivery]);
    await use.queue.enqueue('orchestrations', [job]);
    await expect.poll(() => arrived.sort()).toEqual([`delivery ${delivery}`, `job ${job}`]);
  });

  it('the queue ignores an id that is already on it, and accepts it again once it is done', async () => {
    const [id = '', end = ''] = newIds(2);
    const arrived: string[] = [];
    await use.queue.enqueue('orchestrations', [id, id]);
    await use.queue.enqueue('orchestrations', [id]);
    await use.queue.enqueue('orchestrations', [end]);
    await use.consume(async (arrival) => void arrived.push(arrival.id), 1);
    await expect.poll(() => arrived).toEqual([id, end]);
    await use.queue.enqueue('orchestrations', [id]);
    await expect.poll(() => arrived).toEqual([id, end, id]);
  });

  it('the queue repeats a failed attempt with growing delays, and marks the last attempt', async () => {
    const [id = '', end = ''] = newIds(2);
    const attempts: { text: string; at: number }[] = [];
    await use.queue.enqueue('orchestrations', [id]);
    await use.consume(async ({ attempt, last, ...arrival }) => {
      attempts.push({ text: `${arrival.id} ${attempt} ${last}`, at: performance.now() });
      if (arrival.id === id) throw new Error('not yet');
    }, 1);
    const three = [`${id} 1 false`, `${id} 2 false`, `${id} 3 true`];
    await expect.poll(() => attempts.map(({ text }) => text)).toEqual(three);
    const [first = 0, second = 0, third = 0] = attempts.map(({ at }) => at);
    // Delays are 40 and 60 ms; servers round times to whole milliseconds.
    expect(second - first).toBeGreaterThan(38);
    expect(third - second).toBeGreaterThan(58);
    // After its last attempt an id counts as new. `end` arrives only after that, with a concurrency of 1.
    await use.queue.enqueue('orchestrations', [end]);
    await expect.poll(() => attempts.map(({ text }) => text)).toEqual([...three, `${end} 1 false`]);
    await use.queue.enqueue('orchestrations', [id]);
    await expect.poll(() => attempts.filter(({ text }) => text === three[2])).toHaveLength(2);
  });

  it('the queue is done with an id whose second attempt succeeds', async () => {
    const [id = '', end = ''] = newIds(2);
    const attempts: string[] = [];
    await use.queue.enqueue('orchestrations', [id]);
    await use.consume(async (arrival) => {
      attempts.push(`${arrival.id} ${arrival.attempt}`);
      if (arrival.id === id && arrival.attempt === 1) throw new Error('not yet');
    }, 1);
    await expect.poll(() => attempts).toEqual([`${id} 1`, `${id} 2`]);
    await use.queue.enqueue('orchestrations', [end]);
    await expect.poll(() => attempts).toEqual([`${id} 1`, `${id} 2`, `${end} 1`]);
  });

  it('the queue does not deliver a removed id', async () => {
    const [removed = '', stays = '', unknown = ''] = newIds(3);
    const arrived: string[] = [];
    await use.queue.enqueue('orchestrations', [removed, stays]);
    await use.queue.remove('orchestrations', removed);
    await use.queue.remove('orchestrations', unknown);
    await use.consume(async ({ id }) => void arrived.push(id), 1);
    await expect.poll(() => arrived).toEqual([stays]);
  });

  it('the queue lets a running handler finish when its id is removed', async () => {
    const [id = '', end = ''] = newIds(2);
    const latch = createLatch();
    const done: string[] = [];
    await use.queue.enqueue('orchestrations', [id]);
    await use.consume(async (arrival) => {
      if (arrival.id === id) await latch.wait();
      done.push(arrival.id);
    }, 1);
    await latch.reached;
    await use.queue.remove('orchestrations', id);
    latch.open();
    await use.queue.enqueue('orchestrations', [end]);
    await expect.poll(() => done).toEqual([id, end]);
  });

  it('the queue runs no more handlers at a time than its concurrency', async () => {
    let running = 0;
    let maxRunning = 0;
    let done = 0;
    await use.queue.enqueue('orchestrations', newIds(12));
    await use.consume(async () => {
      running += 1;
      maxRunning = Math.max(maxRunning, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      done += 1;
    }, 3);
    await expect.poll(() => done).toBe(12);
    expect(maxRunning).toBeLessThanOrEqual(3);
  });
}
