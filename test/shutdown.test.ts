import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findFreePort } from '../core/db/embedded/free-port.ts';
import { deliveriesOf, jobOf, jobsOf } from './support/answers.ts';
import { createClient } from './support/client.ts';
import { createTestDatabase, type TestDatabase } from './support/postgres.ts';
import { cliOutput, type Served, serve } from './support/process.ts';
import { canStartRedis, startRedis } from './support/servers/redis.ts';

const queues = canStartRedis() ? ['PostgreSQL', 'Redis'] : ['PostgreSQL'];

/** Closes a server with all its connections after the test. */
function closeAfterTest(server: Server): void {
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
}

describe.each(queues)('a shutdown, with the queue on %s', (queue) => {
  let database: TestDatabase;
  let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
  let dataDir: string;
  let environment: Record<string, string>;
  let api: Served;

  beforeAll(async () => {
    database = await createTestDatabase('template0');
    redis = queue === 'Redis' ? await startRedis() : undefined;
    dataDir = await mkdtemp(join(tmpdir(), 'registry-shutdown-'));
    environment = {
      DATABASE_URL: database.url,
      REDIS_URL: redis?.url ?? '',
      DATA_DIR: dataDir,
      SHUTDOWN_TIMEOUT: '4',
      WORKER_CONCURRENCY: '2',
      WEBHOOK_ALLOW: '127.0.0.0/8',
      WEBHOOK_TIMEOUT: '60',
      // Every recipe goes to the queue.
      API_SOURCES: '0',
    };
    await cliOutput(['migrate'], environment);
    api = await serve(environment, 'api');
    // Bytes that do not compress make the composition slow.
    const files = Object.fromEntries(
      Array.from({ length: 3 }, (_, n) => [`big-${n}`, randomBytes(4_000_000)]),
    );
    expect((await createClient([api.url]).upload('lib', { name: 'web', files })).status).toBe(201);
  }, 120_000);
  afterAll(async () => {
    await api.end('SIGKILL');
    await database.drop();
    await redis?.dispose();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Kills a process that a failed test has not ended. */
  const killAfterTest = (served: Served) =>
    onTestFinished(async () => {
      const { exitCode, signalCode } = served.process;
      if (exitCode === null && signalCode === null) await served.end('SIGKILL');
    });

  const startWorker = async (more: Record<string, string> = {}) => {
    const worker = await serve({ ...environment, ...more }, 'worker');
    killAfterTest(worker);
    return worker;
  };

  const submit = (chart: string, more: object = {}, headers: Record<string, string> = {}) =>
    fetch(`${api.url}/api/v1/spaces/lib/charts`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        save: { chart, version: '1.0.0' },
        configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
        ...more,
      }),
    });
  const read = async (id: string) => jobOf(await fetch(`${api.url}/api/v1/jobs/${id}`));
  const count = async (state: string) =>
    (await jobsOf(await fetch(`${api.url}/api/v1/jobs?state=${state}`))).metadata.total;

  it(`a shutdown releases the jobs that a worker cannot finish, and another worker does them, on ${queue}`, async () => {
    const first = await startWorker({ SHUTDOWN_TIMEOUT: '3', WORKER_CONCURRENCY: '8' });
    const jobs = await Promise.all(
      Array.from({ length: 16 }, async (_, n) => jobOf(await submit(`running-${n}`))),
    );
    await expect.poll(() => count('running'), { timeout: 20_000, interval: 20 }).toBeGreaterThan(1);
    const second = await startWorker();
    expect(await first.end('SIGTERM')).toBe(0);
    // The first worker has released its claims, so the second need not wait for a lease to expire.
    await expect.poll(() => count('succeeded'), { timeout: 60_000 }).toBeGreaterThanOrEqual(jobs.length);
    const finals = await Promise.all(jobs.map(({ id }) => read(id)));
    expect(finals.map((job) => job.attempts)).toEqual(jobs.map(() => 1));
    expect(await second.end('SIGTERM')).toBe(0);
  }, 150_000);

  it(`a shutdown releases a delivery that hangs, and another worker makes it immediately, on ${queue}`, async () => {
    let calls = 0;
    const receiver: Server = createServer((request, response) => {
      request.resume();
      calls += 1;
      // The first call is never answered.
      if (calls > 1) response.writeHead(204).end();
      receiver.emit('called');
    });
    closeAfterTest(receiver);
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const address = receiver.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const first = await startWorker({ SHUTDOWN_TIMEOUT: '2' });
    const called = once(receiver, 'called');
    const job = await jobOf(await submit('called-back', { callback: { url: `http://127.0.0.1:${port}/` } }));
    await called;
    const second = await startWorker();
    expect(await first.end('SIGTERM')).toBe(0);
    await expect.poll(() => calls, { timeout: 30_000 }).toBe(2);
    const read = async () =>
      (await deliveriesOf(await fetch(`${api.url}/api/v1/jobs/${job.id}/deliveries`))).items[0];
    await expect.poll(async () => (await read())?.state, { timeout: 30_000 }).toBe('succeeded');
    expect((await read())?.attempts).toHaveLength(1);
    await second.end('SIGTERM');
  }, 120_000);

  it(`a shutdown of an API answers waiting clients, and ends with 0, on ${queue}`, async () => {
    // Longer than the timeout of this test, so that clients are answered by the shutdown, and not cut off after it.
    const other = await serve({ ...environment, SHUTDOWN_TIMEOUT: '60' }, 'api');
    killAfterTest(other);
    const job = await jobOf(await submit('waited'));
    const waiting = fetch(`${other.url}/api/v1/spaces/lib/charts`, {
      method: 'POST',
      headers: { Prefer: 'wait=60' },
      body: JSON.stringify({
        save: { chart: 'waited-too', version: '1.0.0' },
        configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
      }),
    });
    const events = await fetch(`${other.url}/api/v1/jobs/${job.id}/events`);
    const accepted = async () =>
      (await jobsOf(await fetch(`${api.url}/api/v1/jobs?chart=waited-too`))).metadata.total;
    await expect.poll(accepted, { timeout: 30_000 }).toBe(1);
    const ended = other.end('SIGTERM');
    expect((await waiting).status).toBe(202);
    expect(await events.text()).toContain('"state":"queued"');
    expect(await ended).toBe(0);
  }, 55_000);

  it(`a shutdown ends at the second signal, and a worker answers health checks until then, on ${queue}`, async () => {
    const listen = `127.0.0.1:${await findFreePort()}`;
    const receiver = createServer((request) => {
      request.resume();
      receiver.emit('called');
    });
    closeAfterTest(receiver);
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const address = receiver.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const worker = await startWorker({ SHUTDOWN_TIMEOUT: '60', WORKER_LISTEN: listen });
    expect((await fetch(`http://${listen}/healthz`)).status).toBe(200);
    expect((await fetch(`http://${listen}/readyz`)).status).toBe(200);
    expect((await fetch(`http://${listen}/api/v1/jobs`)).status).toBe(404);
    const called = once(receiver, 'called');
    await submit('hung-up', { callback: { url: `http://127.0.0.1:${port}/` } });
    await called;
    worker.process.kill('SIGTERM');
    await expect
      .poll(async () => (await fetch(`http://${listen}/readyz`)).status, { timeout: 30_000 })
      .toBe(503);
    // Send the other signal, repeatedly until it counts as a second one.
    const ended = () => {
      worker.process.kill('SIGINT');
      return worker.process.exitCode;
    };
    await expect.poll(ended, { timeout: 30_000 }).toBe(130);
  }, 60_000);
});
