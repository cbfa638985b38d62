import { expect, it } from 'vitest';
import { createGate, newIds, type QueueTools } from './setup.ts';

/** What is put on a queue, and when a handler gets it. */
export function testHandingOut(use: QueueTools): void {
  it('hands out every identifier once', async () => {
    const ids = newIds(60);
    const arrived: string[] = [];
    await use.queue.enqueue('orchestrations', ids);
    await use.consume(async ({ id }) => void arrived.push(id));
    await expect.poll(() => [...arrived].sort()).toEqual([...ids].sort());
  });

  it('wakes a consumer that waits', async () => {
    const arrived: string[] = [];
    await use.consume(async ({ id }) => void arrived.push(id));
    for (const id of newIds(3)) {
      await use.queue.enqueue('orchestrations', [id]);
      await expect.poll(() => arrived).toContain(id);
    }
  });

  it('keeps the queues apart', async () => {
    const [job = '', delivery = ''] = newIds(2);
    const arrived: string[] = [];
    await use.consume(async ({ id }) => void arrived.push(`job ${id}`));
    await use.consume(async ({ id }) => void arrived.push(`delivery ${id}`), 1, 'deliveries');
    await use.queue.enqueue('deliveries', [delivery]);
    await use.queue.enqueue('orchestrations', [job]);
    await expect.poll(() => arrived.sort()).toEqual([`delivery ${delivery}`, `job ${job}`]);
  });

  it('takes an identifier that is on the queue for the same one, and again once it is done', async () => {
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

  it('tries again after a failure, later each time, and says which try is the last', async () => {
    const [id = '', end = ''] = newIds(2);
    const tries: { try: string; at: number }[] = [];
    await use.queue.enqueue('orchestrations', [id]);
    await use.consume(async ({ attempt, last, ...arrival }) => {
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
    await use.queue.enqueue('orchestrations', [end]);
    await expect.poll(() => tries.map((one) => one.try)).toEqual([...three, `${end} 1 false`]);
    await use.queue.enqueue('orchestrations', [id]);
    await expect.poll(() => tries.filter((one) => one.try === three[2])).toHaveLength(2);
  });

  it('is done with an identifier whose second try succeeds', async () => {
    const [id = '', end = ''] = newIds(2);
    const tries: string[] = [];
    await use.queue.enqueue('orchestrations', [id]);
    await use.consume(async (arrival) => {
      tries.push(`${arrival.id} ${arrival.attempt}`);
      if (arrival.id === id && arrival.attempt === 1) throw new Error('not yet');
    }, 1);
    await expect.poll(() => tries).toEqual([`${id} 1`, `${id} 2`]);
    await use.queue.enqueue('orchestrations', [end]);
    await expect.poll(() => tries).toEqual([`${id} 1`, `${id} 2`, `${end} 1`]);
  });

  it('does not hand out what was removed', async () => {
    const [removed = '', stays = '', unknown = ''] = newIds(3);
    const arrived: string[] = [];
    await use.queue.enqueue('orchestrations', [removed, stays]);
    await use.queue.remove('orchestrations', removed);
    await use.queue.remove('orchestrations', unknown);
    await use.consume(async ({ id }) => void arrived.push(id), 1);
    await expect.poll(() => arrived).toEqual([stays]);
  });

  it('leaves to the worker what it has in hand when that is removed', async () => {
    const [id = '', end = ''] = newIds(2);
    const gate = createGate();
    const done: string[] = [];
    await use.queue.enqueue('orchestrations', [id]);
    await use.consume(async (arrival) => {
      if (arrival.id === id) await gate.pass();
      done.push(arrival.id);
    }, 1);
    await gate.reached;
    await use.queue.remove('orchestrations', id);
    gate.open();
    await use.queue.enqueue('orchestrations', [end]);
    await expect.poll(() => done).toEqual([id, end]);
  });

  it('has no more in hand than its concurrency', async () => {
    let inHand = 0;
    let most = 0;
    let done = 0;
    await use.queue.enqueue('orchestrations', newIds(12));
    await use.consume(async () => {
      inHand += 1;
      most = Math.max(most, inHand);
      await new Promise((resolve) => setImmediate(resolve));
      inHand -= 1;
      done += 1;
    }, 3);
    await expect.poll(() => done).toBe(12);
    expect(most).toBeLessThanOrEqual(3);
  });
}
