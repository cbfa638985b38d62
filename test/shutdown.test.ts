import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../core/db/embedded/free-port.ts';
import { deliveriesOf, jobOf, jobsOf } from './support/answers.ts';
import { createClient } from './support/client.ts';
import { createTestDatabase, type TestDatabase } from './support/postgres.ts';
import { cliOutput, type Served, serve } from './support/process.ts';
import { canStartRedis, startRedis } from './support/servers/redis.ts';

const queues = canStartRedis() ? ['PostgreSQL', 'Redis'] : ['PostgreSQL'];

describe.each(queues)('a shutdown, with the queue on %s', (queue) => {
  let database: TestDatabase;
  let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
  let dataDir: string;
  let environment: Record<string, string>;
  let api: Served;
  const running: Served[] = [];

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
    };
    await cliOutput(['migrate'], environment);
    api = await serve(environment, 'api');
    // What does not compress takes its time.
    const files = Object.fromEntries(
      Array.from({ length: 3 }, (_, n) => [`big-${n}`, randomBytes(4_000_000)]),
    );
    expect((await createClient([api.url]).upload('lib', { name: 'web', files })).status).toBe(201);
  }, 120_000);
  afterEach(async () => {
    // What has not ended by itself belongs to a test that failed.
    const left = running
      .splice(0)
      .filter(({ process }) => process.exitCode === null && process.signalCode === null);
    await Promise.all(left.map((served) => served.end('SIGKILL')));
  });
  afterAll(async () => {
    await api.end('SIGKILL');
    await database.drop();
    await redis?.dispose();
    await rm(dataDir, { recursive: true, force: true });
  });

  const startWorker = async (more: Record<string, string> = {}) => {
    const worker = await serve({ ...environment, ...more }, 'worker');
    running.push(worker);
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

  it('gives back at once what a worker has in hand and cannot finish, and another does it', async () => {
    const first = await startWorker({ SHUTDOWN_TIMEOUT: '3', WORKER_CONCURRENCY: '8' });
    const jobs = await Promise.all(
      Array.from({ length: 16 }, async (_, n) => jobOf(await submit(`in-hand-${n}`))),
    );
    await expect.poll(() => count('running'), { timeout: 20_000, interval: 20 }).toBeGreaterThan(1);
    const second = await startWorker();
    expect(await first.end('SIGTERM')).toBe(0);
    // No lease of the first is left to wait for: what runs now has been taken by the second.
    await expect.poll(() => count('succeeded'), { timeout: 60_000 }).toBeGreaterThanOrEqual(jobs.length);
    const finals = await Promise.all(jobs.map(({ id }) => read(id)));
    expect(finals.map((job) => job.attempts)).toEqual(jobs.map(() => 1));
    expect(await second.end('SIGTERM')).toBe(0);
  }, 150_000);

  it('gives back a call that hangs, and another worker makes it at once', async () => {
    let calls = 0;
    const receiver: Server = createServer((request, response) => {
      request.resume();
      calls += 1;
      // The first is never answered.
      if (calls > 1) response.writeHead(204).end();
      receiver.emit('called');
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const address = receiver.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const first = await startWorker({ SHUTDOWN_TIMEOUT: '2' });
    const called = once(receiver, 'called');
    const job = await jobOf(await submit('told', { callback: { url: `http://127.0.0.1:${port}/` } }));
    await called;
    const second = await startWorker();
    expect(await first.end('SIGTERM')).toBe(0);
    await expect.poll(() => calls).toBe(2);
    const read = async () =>
      (await deliveriesOf(await fetch(`${api.url}/api/v1/jobs/${job.id}/deliveries`))).items[0];
    await expect.poll(async () => (await read())?.state).toBe('succeeded');
    expect((await read())?.attempts).toHaveLength(1);
    await second.end('SIGTERM');
    receiver.close();
    receiver.closeAllConnections();
  }, 120_000);

  it('answers those who wait, and ends with 0', async () => {
    // Longer than this test may take: whoever waits is answered because it ends, and not cut off.
    const other = await serve({ ...environment, SHUTDOWN_TIMEOUT: '60' }, 'api');
    running.push(other);
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
    await expect.poll(accepted).toBe(1);
    const ended = other.end('SIGTERM');
    expect((await waiting).status).toBe(202);
    expect(await events.text()).toContain('"state":"queued"');
    expect(await ended).toBe(0);
  }, 40_000);

  it('is over at the second signal, and a worker answers for its health until then', async () => {
    const listen = `127.0.0.1:${await findFreePort()}`;
    const receiver = createServer((request) => {
      request.resume();
      receiver.emit('called');
    });
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
    await expect.poll(async () => (await fetch(`http://${listen}/readyz`)).status).toBe(503);
    // Of the other kind, and again until it counts as a second one.
    const ended = () => {
      worker.process.kill('SIGINT');
      return worker.process.exitCode;
    };
    await expect.poll(ended).toBe(130);
    receiver.close();
    receiver.closeAllConnections();
  }, 60_000);
});
