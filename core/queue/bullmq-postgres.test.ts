import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quick } from '../../test/suites/queue/setup.ts';
import { describeQueue } from '../../test/suites/queue.ts';
import { describeRestart } from '../../test/suites/queue-restart.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { startPostgres } from '../../test/support/servers/postgres.ts';
import { createPostgresQueue } from './bullmq-postgres.ts';
import { migrateQueue } from './migrate.ts';
import type { Queue } from './port.ts';

describeQueue('PostgreSQL', async () => {
  const database = await createTestDatabase();
  return {
    kind: 'postgres',
    url: database.url,
    open: (url, options) => createPostgresQueue({ ...options, url }),
    dispose: () => database.drop(),
  };
});

describeRestart(
  'PostgreSQL',
  'what was on it',
  async () => {
    const server = await startPostgres();
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await migrateQueue(client);
    await client.end();
    return {
      url: server.url,
      async restart() {
        await server.end('SIGQUIT');
        await server.start();
      },
      dispose: () => server.dispose(),
    };
  },
  (url, options) => createPostgresQueue({ ...options, url }),
);

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
    await expect.poll(() => arrived).toEqual([`${inHand} 1`, `${after} 1`]);
    await disconnect();
    await enqueueAtLast(queue, last);
    await expect.poll(() => arrived).toEqual([`${inHand} 1`, `${after} 1`, `${last} 1`]);
    expect(errors.length).toBeGreaterThan(0);
    // A worker that asks without a pause would go on and on.
    expect(errors.length).toBeLessThan(100);
    await consumer.close();
  });

  it('misses a wake-up for seconds only, when the connection that listens hears no more', async () => {
    const [later, after] = [randomUUID(), randomUUID()];
    const arrived: string[] = [];
    // Something to come in ten minutes is what lets a worker sleep for long.
    const policies = {
      ...quick.policies,
      orchestrations: { attempts: 2, backoff: 600_000, longest: 600_000 },
    };
    const worker = createPostgresQueue({ ...quick, policies, url: database.url, onError: () => undefined });
    await worker.consume('orchestrations', 1, async ({ id }) => {
      arrived.push(id);
      if (id === later) throw new Error('much later');
    });
    await queue.enqueue('orchestrations', [later]);
    await expect.poll(() => arrived).toEqual([later]);
    const listening = () =>
      database.db.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity
          WHERE datname = current_database() AND query ILIKE '%listen %' AND pid <> pg_backend_pid()`,
      );
    // Its second wait is the long one: by then it knows when the next is due.
    const asleep = () =>
      database.db.query(
        `SELECT FROM pg_stat_activity a, bullmq.job j
          WHERE a.datname = current_database() AND a.query ILIKE '%next_delay%' AND a.pid <> pg_backend_pid()
            AND j.id = $1 AND j.state = 'delayed' AND j.process_at_ms - 599500 < extract(epoch FROM a.query_start) * 1000`,
        [later],
      );
    await expect.poll(async () => (await asleep()).length).toBeGreaterThan(0);
    // Neither end is told, as when a firewall forgets a connection.
    const silent = (await listening()).map(({ pid }) => pid);
    for (const pid of silent) process.kill(pid, 'SIGSTOP');
    await queue.enqueue('orchestrations', [after]);
    await expect.poll(() => arrived).toEqual([later, after]);
    for (const pid of silent) process.kill(pid, 'SIGCONT');
    await queue.remove('orchestrations', later);
    await worker.close();
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
