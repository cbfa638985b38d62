import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueueOptions } from '../../core/queue/bullmq.ts';
import type { Queue } from '../../core/queue/port.ts';
import { quick } from './queue/setup.ts';

/** Queue server that a test may kill and start again. */
export interface RestartableServer {
  url: string;
  /** Kills the server as a crash would, and starts it again on its port. */
  restart(): Promise<void>;
  dispose(): Promise<void>;
}

/** Whether the queue has its content after a restart of the server. */
export type Keeps = 'what was on it' | 'nothing';

/** Tests that producers and consumers of a queue continue after restarts of its server. */
export function describeRestart(
  name: string,
  keeps: Keeps,
  create: () => Promise<RestartableServer>,
  open: (url: string, options: QueueOptions) => Queue,
): void {
  describe(`queue on ${name} whose server is restarted and keeps ${keeps}`, () => {
    let server: RestartableServer;
    let producer: Queue;
    let worker: Queue;
    const arrived: string[] = [];
    const arrivals = (id: string) => arrived.filter((arrival) => arrival === id).length;

    beforeAll(async () => {
      server = await create();
      const options = { ...quick, onError: () => undefined };
      // The delay before a second attempt is longer than the test, so that the worker blocks for a long time.
      const policies = {
        ...quick.policies,
        orchestrations: { attempts: 3, backoffMs: 600_000, maxDelayMs: 600_000 },
      };
      producer = open(server.url, options);
      worker = open(server.url, { ...options, policies });
      await worker.consume('orchestrations', 2, async ({ id }) => {
        arrived.push(id);
        if (id === later) throw new Error('much later');
      });
    });
    afterAll(async () => {
      await Promise.all([producer.close(), worker.close()]);
      await server.dispose();
    });

    const later = randomUUID();
    /** Enqueues until it succeeds, as the sweep does. */
    const enqueueAtLast = (id: string) =>
      expect.poll(() => producer.enqueue('orchestrations', [id]).then(() => 'done', String)).toBe('done');

    it('the queue delivers, within seconds, ids that are enqueued after a restart of its server', async () => {
      await enqueueAtLast(later);
      await expect.poll(() => arrivals(later)).toBe(1);
      const before = await producer.generation();
      for (let times = 0; times < 3; times += 1) {
        await server.restart();
        const id = randomUUID();
        await enqueueAtLast(id);
        await expect.poll(() => arrivals(id)).toBe(1);
      }
      const same = (await producer.generation()) === before;
      expect(same).toBe(keeps === 'what was on it');
    });

    it('the queue knows an id that waits for a second attempt only if its server kept the content', async () => {
      const end = randomUUID();
      await enqueueAtLast(later);
      await enqueueAtLast(end);
      await expect.poll(() => arrivals(end)).toBe(1);
      await expect.poll(() => arrivals(later)).toBe(keeps === 'what was on it' ? 1 : 2);
    });
  });
}
