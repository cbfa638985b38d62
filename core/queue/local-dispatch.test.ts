import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newIds, quick } from '../../test/suites/queue/setup.ts';
import { describeQueue } from '../../test/suites/queue.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { createPostgresQueue } from './bullmq-postgres.ts';
import { withLocalDispatch } from './local-dispatch.ts';
import { type Consumer, type Handler, type Queue, ReleasedError } from './port.ts';

describeQueue('PostgreSQL, with local dispatch', async () => {
  const database = await createTestDatabase();
  return {
    kind: 'postgres',
    url: database.url,
    open: (url, options) => withLocalDispatch(createPostgresQueue({ ...options, url }), () => undefined),
    dispose: () => database.drop(),
  };
});

describe('local dispatch', () => {
  let database: TestDatabase;
  let server: Queue;
  let queue: Queue;
  /** Ids that went through the server. */
  const sent: string[] = [];
  const consumers: Consumer[] = [];

  // Creates a database for every test: ids that one leaves on the server would arrive in the next.
  beforeEach(async () => {
    database = await createTestDatabase();
    server = createPostgresQueue({ ...quick, url: database.url, onError: () => undefined });
    const enqueue: Queue['enqueue'] = (name, ids) => {
      sent.push(...ids);
      return server.enqueue(name, ids);
    };
    queue = withLocalDispatch({ ...server, enqueue }, () => undefined);
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

  /** Creates a handler that keeps each arrival until `release` is called. */
  function createBlockingHandler() {
    const started: string[] = [];
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const handler: Handler = async ({ id }) => {
      started.push(id);
      await released;
    };
    return { started, release, handler };
  }

  it('dispatches to a consumer of its own process without the server', async () => {
    const arrived: string[] = [];
    await consume(2, async ({ id }) => void arrived.push(id));
    const ids = newIds(2);
    await queue.enqueue('orchestrations', ids);
    await expect.poll(() => arrived).toEqual(ids);
    expect(sent).toEqual([]);
  });

  it('runs up to the concurrency, lets as many wait, and enqueues the others on the server', async () => {
    const { started, release, handler } = createBlockingHandler();
    await consume(2, handler);
    const ids = newIds(7);
    await queue.enqueue('orchestrations', ids);
    expect(started).toEqual(ids.slice(0, 2));
    expect(sent).toEqual(ids.slice(4));
    release();
    await expect.poll(() => [...started].sort()).toEqual([...ids].sort());
  });

  it('runs a dispatched id once, however often it is enqueued', async () => {
    const { started, release, handler } = createBlockingHandler();
    await consume(2, handler);
    const [id = ''] = newIds(1);
    await queue.enqueue('orchestrations', [id]);
    await queue.enqueue('orchestrations', [id, id]);
    release();
    await queue.enqueue('orchestrations', newIds(1));
    await expect.poll(() => started.length).toBe(2);
    expect([started.filter((startedId) => startedId === id), sent]).toEqual([[id], []]);
  });

  it('enqueues a failed id on the server, with all its attempts', async () => {
    const tries: number[] = [];
    await consume(1, async ({ attempt }) => {
      tries.push(attempt);
      throw new Error('not yet');
    });
    await queue.enqueue('orchestrations', newIds(1));
    await expect.poll(() => tries).toEqual([1, 1, 2, 3]);
  });

  it('returns the ids that are on the server', async () => {
    const { release, handler } = createBlockingHandler();
    await consume(1, handler);
    const ids = newIds(3);
    expect(await queue.enqueue('orchestrations', ids)).toEqual(ids.slice(2));
    release();
  });

  it('closes at the deadline although a handler still runs', async () => {
    const { started, release, handler } = createBlockingHandler();
    const consumer = await consume(1, handler);
    await queue.enqueue('orchestrations', newIds(1));
    await consumer.close(AbortSignal.abort());
    expect(started).toHaveLength(1);
    release();
  });

  it('releases waiting and running ids at the deadline', async () => {
    const started: string[] = [];
    const consumer = await consume(1, ({ id, signal }) => {
      started.push(id);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new ReleasedError()));
      });
    });
    const ids = newIds(2);
    await queue.enqueue('orchestrations', ids);
    await consumer.close(AbortSignal.abort());
    expect(started).toEqual(ids.slice(0, 1));
    expect([...sent].sort()).toEqual([...ids].sort());
    const arrived: string[] = [];
    await consume(2, async ({ id }) => void arrived.push(id));
    await expect.poll(() => [...arrived].sort()).toEqual([...ids].sort());
  });
});
