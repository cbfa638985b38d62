import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newIds, quick } from '../../test/suites/queue/setup.ts';
import { describeQueue } from '../../test/suites/queue.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { createPostgresQueue } from './bullmq-postgres.ts';
import { handingOver } from './local-dispatch.ts';
import { type Consumer, GivenBack, type Handler, type Queue } from './port.ts';

describeQueue('PostgreSQL, handing over', async () => {
  const database = await createTestDatabase();
  return {
    kind: 'postgres',
    url: database.url,
    open: (url, options) => handingOver(createPostgresQueue({ ...options, url }), () => undefined),
    dispose: () => database.drop(),
  };
});

describe('a queue that hands over', () => {
  let database: TestDatabase;
  let server: Queue;
  let queue: Queue;
  /** What went by way of the server. */
  const sent: string[] = [];
  const consumers: Consumer[] = [];

  // What one test leaves on the server would come to the next.
  beforeEach(async () => {
    database = await createTestDatabase();
    server = createPostgresQueue({ ...quick, url: database.url, onError: () => undefined });
    const enqueue: Queue['enqueue'] = (name, ids) => {
      sent.push(...ids);
      return server.enqueue(name, ids);
    };
    queue = handingOver({ ...server, enqueue }, () => undefined);
  });
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
    sent.splice(0);
    await queue.close();
    await database.drop();
  });

  const consume = async (concurrency: number, handler: Handler) => {
    const consumer = await queue.consume('orchestrations', concurrency, handler);
    consumers.push(consumer);
    return consumer;
  };

  /** A handler that has each arrival in hand until it is let go. */
  function createHolding() {
    const begun: string[] = [];
    let letGo = () => {};
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const handler: Handler = async ({ id }) => {
      begun.push(id);
      await released;
    };
    return { begun, letGo, handler };
  }

  it('hands to a consumer of its own without the server', async () => {
    const arrived: string[] = [];
    await consume(2, async ({ id }) => void arrived.push(id));
    const ids = newIds(2);
    await queue.enqueue('orchestrations', ids);
    await expect.poll(() => arrived).toEqual(ids);
    expect(sent).toEqual([]);
  });

  it('works on so many at a time, lets as many wait, and leaves the others to the server', async () => {
    const { begun, letGo, handler } = createHolding();
    await consume(2, handler);
    const ids = newIds(7);
    await queue.enqueue('orchestrations', ids);
    expect(begun).toEqual(ids.slice(0, 2));
    expect(sent).toEqual(ids.slice(4));
    letGo();
    await expect.poll(() => [...begun].sort()).toEqual([...ids].sort());
  });

  it('has an identifier once, however often it is put there', async () => {
    const { begun, letGo, handler } = createHolding();
    await consume(2, handler);
    const [id = ''] = newIds(1);
    await queue.enqueue('orchestrations', [id]);
    await queue.enqueue('orchestrations', [id, id]);
    letGo();
    await queue.enqueue('orchestrations', newIds(1));
    await expect.poll(() => begun.length).toBe(2);
    expect([begun.filter((one) => one === id), sent]).toEqual([[id], []]);
  });

  it('leaves what could not be done to the server, with all its tries', async () => {
    const tries: number[] = [];
    await consume(1, async ({ attempt }) => {
      tries.push(attempt);
      throw new Error('not yet');
    });
    await queue.enqueue('orchestrations', newIds(1));
    await expect.poll(() => tries).toEqual([1, 1, 2, 3]);
  });

  it('says what is on the server', async () => {
    const { letGo, handler } = createHolding();
    await consume(1, handler);
    const ids = newIds(3);
    expect(await queue.enqueue('orchestrations', ids)).toEqual(ids.slice(2));
    letGo();
  });

  it('leaves at the deadline what does not end', async () => {
    const { begun, letGo, handler } = createHolding();
    const consumer = await consume(1, handler);
    await queue.enqueue('orchestrations', newIds(1));
    await consumer.close(AbortSignal.abort());
    expect(begun).toHaveLength(1);
    letGo();
  });

  it('gives back what waits, and what is in hand at the deadline, when it ends', async () => {
    const begun: string[] = [];
    const consumer = await consume(1, ({ id, signal }) => {
      begun.push(id);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new GivenBack()));
      });
    });
    const ids = newIds(2);
    await queue.enqueue('orchestrations', ids);
    await consumer.close(AbortSignal.abort());
    expect(begun).toEqual(ids.slice(0, 1));
    expect([...sent].sort()).toEqual([...ids].sort());
    const arrived: string[] = [];
    await consume(2, async ({ id }) => void arrived.push(id));
    await expect.poll(() => [...arrived].sort()).toEqual([...ids].sort());
  });
});
