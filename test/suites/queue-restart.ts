import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueueOptions } from '../../core/queue/bullmq.ts';
import type { Queue } from '../../core/queue/port.ts';
import { quick } from './queue/setup.ts';

/** A server that the test may end and start again. */
export interface RestartableServer {
  url: string;
  /** Ends it as a crash would, and starts it again on its port. */
  restart(): Promise<void>;
  dispose(): Promise<void>;
}

/** Whether what was on the queue is there again after a restart. */
export type Keeps = 'what was on it' | 'nothing';

/** What both forms of the queue must do when their server goes away and comes back: everybody carries on. */
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
    const arrivals = (id: string) => arrived.filter((one) => one === id).length;

    beforeAll(async () => {
      server = await create();
      const options = { ...quick, onError: () => undefined };
      // The wait before a second attempt is longer than the test, so that a worker has reason to sleep for long.
      const policies = {
        ...quick.policies,
        orchestrations: { attempts: 3, backoff: 600_000, longest: 600_000 },
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
    /** As the sweep does: what could not be put on the queue is put there later. */
    const enqueueAtLast = (id: string) =>
      expect.poll(() => producer.enqueue('orchestrations', [id]).then(() => 'done', String)).toBe('done');

    it('hands on, within seconds, what comes afterwards', async () => {
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

    it('knows what waits for a second attempt only if it has kept it', async () => {
      const end = randomUUID();
      await enqueueAtLast(later);
      await enqueueAtLast(end);
      await expect.poll(() => arrivals(end)).toBe(1);
      expect(arrivals(later)).toBe(keeps === 'what was on it' ? 1 : 2);
    });
  });
}
