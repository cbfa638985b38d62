import { expect, it } from 'vitest';
import type { QueueTools } from './setup.ts';

/** What comes by itself. */
export function testSchedule(use: QueueTools): void {
  it('hands out by itself what is scheduled, once each time, whoever asks for it and however often', async () => {
    const every = 400;
    const other = use.open();
    const arrived: string[] = [];
    const began = Date.now();
    await Promise.all([use.queue, other, use.queue, other].map((asking) => asking.schedule('upkeep', every)));
    await use.consume(async ({ id }) => void arrived.push(id), 1, 'upkeep');
    await other.consume('upkeep', 1, async ({ id }) => void arrived.push(id));
    // Asking again must not put the next time off.
    const ask = async () => {
      await Promise.all([use.queue.schedule('upkeep', every), other.schedule('upkeep', every)]);
      return arrived.length;
    };
    await expect.poll(ask, { timeout: 15_000, interval: 30 }).toBeGreaterThanOrEqual(5);
    expect(new Set(arrived).size).toBe(arrived.length);
    expect(arrived.length).toBeLessThanOrEqual(Math.ceil((Date.now() - began) / every) + 1);
    await use.queue.schedule('upkeep', 0);
    await other.close();
  });

  it('ends what is scheduled, and begins anew with another interval', async () => {
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
    // What was on its way when it was ended may still come, and then no more.
    await use.queue.schedule('deliveries', 200);
    await expect.poll(() => counts.deliveries).toBeGreaterThanOrEqual(3);
    const before = counts.upkeep;
    await expect.poll(() => counts.deliveries).toBeGreaterThanOrEqual(6);
    await use.queue.schedule('deliveries', 0);
    expect(counts.upkeep).toBe(before);
  });
}
