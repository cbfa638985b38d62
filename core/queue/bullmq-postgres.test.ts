import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { createPostgresQueue } from './bullmq-postgres.ts';
import type { Queue } from './port.ts';
import { describeQueue, quick } from './suite.ts';

describeQueue('PostgreSQL', async () => {
  const database = await createTestDatabase();
  return {
    kind: 'postgres',
    url: database.url,
    open: (url, options) => createPostgresQueue({ ...options, url }),
    dispose: () => database.drop(),
  };
});

describe('queue on PostgreSQL', () => {
  let database: TestDatabase;
  let queue: Queue;
  const errors: Error[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    // A completion that is stored a second late must not be late for the lock.
    const timings = { ...quick.timings, lockDuration: 15_000 };
    queue = createPostgresQueue({
      ...quick,
      timings,
      url: database.url,
      onError: (error) => errors.push(error),
    });
  });
  afterAll(async () => {
    await queue.close();
    await database.drop();
  });

  const disconnect = () =>
    database.db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'test'`,
    );

  it('carries on when all its connections break, with a job in hand and without', async () => {
    const [inHand, after, last] = [randomUUID(), randomUUID(), randomUUID()];
    const arrived: string[] = [];
    await queue.enqueue('orchestrations', [inHand]);
    const consumer = await queue.consume('orchestrations', 2, async ({ id, attempt }) => {
      if (id === inHand && arrived.length === 0) await disconnect();
      arrived.push(`${id} ${attempt}`);
    });
    await expect.poll(() => arrived).toEqual([`${inHand} 1`]);
    await enqueueAtLast(queue, after);
    await expect.poll(() => arrived, { timeout: 10_000 }).toEqual([`${inHand} 1`, `${after} 1`]);
    await disconnect();
    await enqueueAtLast(queue, last);
    await expect.poll(() => arrived, { timeout: 10_000 }).toEqual([`${inHand} 1`, `${after} 1`, `${last} 1`]);
    expect(errors.length).toBeGreaterThan(0);
    // A worker that asks without a pause would go on and on.
    expect(errors.length).toBeLessThan(100);
    await consumer.close();
  });

  it('says which command is missing when its tables are', async () => {
    const bare = await createTestDatabase('template0');
    const unmigrated = createPostgresQueue({ url: bare.url, onError: () => undefined });
    await expect(unmigrated.enqueue('orchestrations', [randomUUID()])).rejects.toThrow('not initialized');
    await unmigrated.close();
    await bare.drop();
  });
});

/** As the sweep does: what could not be put on the queue is put there later. */
async function enqueueAtLast(queue: Queue, id: string): Promise<void> {
  await expect
    .poll(() =>
      queue.enqueue('orchestrations', [id]).then(
        () => 'done',
        () => 'failed',
      ),
    )
    .toBe('done');
}
