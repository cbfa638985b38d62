import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { quick } from '../../test/suites/queue/setup.ts';
import { describeQueue } from '../../test/suites/queue.ts';
import { describeRestart } from '../../test/suites/queue-restart.ts';
import { pauseProcesses } from '../../test/support/pause-processes.ts';
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
    // A completion that is stored a second late must still be within the lock.
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

  it('resumes on PostgreSQL when all its connections break, with and without a running job', async () => {
    const [running, after, last] = [randomUUID(), randomUUID(), randomUUID()];
    const arrived: string[] = [];
    await queue.enqueue('orchestrations', [running]);
    const consumer = await queue.consume('orchestrations', 2, async ({ id, attempt }) => {
      if (id === running && arrived.length === 0) await disconnect();
      arrived.push(`${id} ${attempt}`);
    });
    onTestFinished(() => consumer.close());
    await expect.poll(() => arrived).toEqual([`${running} 1`]);
    await enqueueUntilDone(queue, after);
    await expect.poll(() => arrived).toEqual([`${running} 1`, `${after} 1`]);
    await disconnect();
    await enqueueUntilDone(queue, last);
    await expect.poll(() => arrived).toEqual([`${running} 1`, `${after} 1`, `${last} 1`]);
    expect(errors.length).toBeGreaterThan(0);
    // A worker that polls without a pause would exceed any number.
    expect(errors.length).toBeLessThan(100);
  });

  it('delivers within seconds on PostgreSQL when the listening connection goes silent', async () => {
    const [later, after] = [randomUUID(), randomUUID()];
    const arrived: string[] = [];
    // A job that is due in ten minutes lets a worker sleep for long.
    const policies = {
      ...quick.policies,
      orchestrations: { attempts: 2, backoffMs: 600_000, maxDelayMs: 600_000 },
    };
    const worker = createPostgresQueue({ ...quick, policies, url: database.url, onError: () => undefined });
    onTestFinished(() => worker.close());
    await worker.consume('orchestrations', 1, async ({ id }) => {
      arrived.push(id);
      if (id === later) throw new Error('much later');
    });
    await queue.enqueue('orchestrations', [later]);
    await expect.poll(() => arrived).toEqual([later]);
    const findListening = () =>
      database.db.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity
          WHERE datname = current_database() AND query ILIKE '%listen %' AND pid <> pg_backend_pid()`,
      );
    // The worker's second wait is the long one: by then it knows when the next job is due.
    const findSleeping = () =>
      database.db.query(
        `SELECT FROM pg_stat_activity a, bullmq.job j
          WHERE a.datname = current_database() AND a.query ILIKE '%next_delay%' AND a.pid <> pg_backend_pid()
            AND j.id = $1 AND j.state = 'delayed' AND j.process_at_ms - 599500 < extract(epoch FROM a.query_start) * 1000`,
        [later],
      );
    await expect.poll(async () => (await findSleeping()).length).toBeGreaterThan(0);
    // Stops the listening backends: neither end notices, as when a firewall forgets a connection.
    const listening = (await findListening()).map(({ pid }) => pid);
    expect(listening).not.toEqual([]);
    const resume = pauseProcesses(listening);
    onTestFinished(resume);
    await queue.enqueue('orchestrations', [after]);
    await expect.poll(() => arrived).toEqual([later, after]);
    resume();
    await queue.remove('orchestrations', later);
  });

  it('fails on PostgreSQL without its tables, and says that the queue is not initialized', async () => {
    const bare = await createTestDatabase('template0');
    onTestFinished(() => bare.drop());
    const unmigrated = createPostgresQueue({ url: bare.url, onError: () => undefined });
    onTestFinished(() => unmigrated.close());
    await expect(unmigrated.enqueue('orchestrations', [randomUUID()])).rejects.toThrow('not initialized');
  });
});

/** Enqueues an id, again until it succeeds, as the sweep does. */
async function enqueueUntilDone(queue: Queue, id: string): Promise<void> {
  await expect
    .poll(() =>
      queue.enqueue('orchestrations', [id]).then(
        () => 'done',
        () => 'failed',
      ),
    )
    .toBe('done');
}
