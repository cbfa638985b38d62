import { expect, it, onTestFinished } from 'vitest';
import type { QueueTools } from './setup.ts';

/** Tests the schedule of a queue. */
export function testSchedule(use: QueueTools): void {
  it('the queue delivers a scheduled id once each interval, also when several processes schedule it', async () => {
    const every = 400;
    const other = use.open();
    onTestFinished(() => other.close());
    const arrived: string[] = [];
    const startedAt = Date.now();
    await Promise.all([use.queue, other, use.queue, other].map((queue) => queue.schedule('upkeep', every)));
    await use.consume(async ({ id }) => void arrived.push(id), 1, 'upkeep');
    await other.consume('upkeep', 1, async ({ id }) => void arrived.push(id));
    // Scheduling again must not delay the next time.
    const scheduleAgain = async () => {
      await Promise.all([use.queue.schedule('upkeep', every), other.schedule('upkeep', every)]);
      return arrived.length;
    };
    await expect.poll(scheduleAgain, { timeout: 15_000, interval: 30 }).toBeGreaterThanOrEqual(5);
    expect(new Set(arrived).size).toBe(arrived.length);
    expect(arrived.length).toBeLessThanOrEqual(Math.ceil((Date.now() - startedAt) / every) + 1);
    await use.queue.schedule('upkeep', 0);
  });

  it('the queue ends a schedule, and replaces its interval', async () => {
    const counts = { upkeep: 0, deliveries: 0 };
    for (const name of ['upkeep', 'deliveries'] as const) {
      const countOne = async () => {
        counts[name] += 1;
      };
      await use.consume(countOne, 1, name);
    }
    await use.queue.schedule('upkeep', 3_600_000);
    await use.queue.schedule('upkeep', 200);
    await expect.poll(() => counts.upkeep).toBeGreaterThanOrEqual(2);
    await use.queue.schedule('upkeep', 0);
    await use.queue.schedule('upkeep', 0);
    // An id that was enqueued before the end may still arrive, and then no more.
    await use.queue.schedule('deliveries', 200);
    await expect.poll(() => counts.deliveries).toBeGreaterThanOrEqual(3);
    const before = counts.upkeep;
    await expect.poll(() => counts.deliveries).toBeGreaterThanOrEqual(6);
    await use.queue.schedule('deliveries', 0);
    expect(counts.upkeep).toBe(before);
  });
}
