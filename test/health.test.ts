import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createApp } from '../api/app.ts';
import { links } from '../api/links.ts';
import { startApi, startHealth } from '../api/main.ts';
import { defaultConfig } from '../core/config/load.ts';
import { type Context, createContext } from '../core/context.ts';
import { holdRegistry, resumeRegistry } from '../core/maintenance/hold.ts';
import { createMetrics } from '../core/metrics/metrics.ts';
import { addRegistryMetrics } from '../core/metrics/read-registry.ts';
import { createLog } from '../core/runtime/log.ts';
import { startSignsOfLife } from '../worker/signs-of-life.ts';
import { startEmbedded } from './support/embedded.ts';
import { pauseProcesses } from './support/pause-processes.ts';
import { startPostgres } from './support/servers/postgres.ts';
import { canStartRedis, startRedis } from './support/servers/redis.ts';

const readiness = z.object({
  ready: z.boolean(),
  degraded: z.boolean(),
  closing: z.boolean(),
  parts: z.record(z.string(), z.enum(['up', 'full', 'held', 'down'])),
  degradations: z.array(
    z.object({ part: z.string(), state: z.enum(['full', 'held', 'down']), since: z.iso.datetime() }),
  ),
});

describe.skipIf(!canStartRedis())('health (left out where there is no redis-server)', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let dataDir: string;
  let context: Context;
  let api: Awaited<ReturnType<typeof startApi>>;
  /** Health server of a worker on the same parts. */
  let worker: Awaited<ReturnType<typeof startHealth>>;
  let signs: Awaited<ReturnType<typeof startSignsOfLife>>;

  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    dataDir = await mkdtemp(join(tmpdir(), 'registry-health-'));
    const config = defaultConfig({
      listen: '127.0.0.1:0',
      databaseUrl: postgres.url,
      redisUrl: redis.url,
      dataDir,
      logLevel: 'silent',
    });
    context = await createContext(config, createLog(config.logLevel), { migrate: true, name: 'test', links });
    api = await startApi(context);
    worker = await startHealth(context, '127.0.0.1:0');
    signs = await startSignsOfLife(context.jobs.db, context.log);
  });
  afterAll(async () => {
    await signs.stop();
    await api.close();
    await worker.close();
    await context.close();
    await Promise.all([postgres.dispose(), redis.dispose()]);
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Reads /readyz of the API: the status, and the parts that are down. It has to answer while a part hangs. */
  async function ask() {
    const response = await fetch(`${api.url}/readyz`);
    const { ready, degraded, parts, degradations } = readiness.parse(await response.json());
    const down = Object.keys(parts).filter((part) => parts[part] === 'down');
    expect(degradations.map(({ part }) => part)).toEqual(down);
    expect(ready).toBe(response.ok);
    expect(degraded).toBe(down.length > 0);
    return { status: response.status, down };
  }
  const good = { status: 200, down: [] };
  const askWorker = async () => (await fetch(`${worker.url}/readyz`)).status;

  it.each([
    ['Redis', 'queue'],
    ['PostgreSQL', 'database'],
  ])(
    'readiness names the part when %s hangs, and when it is gone',
    async (name, part) => {
      const server = name === 'Redis' ? redis : postgres;
      // Without its queue an API still reads and accepts recipes, so it must stay ready for the balancer.
      const down = { status: name === 'Redis' ? 200 : 503, down: [part] };
      expect(await ask()).toEqual(good);
      const resume = name === 'Redis' ? pauseRedis() : await pausePostgres();
      try {
        expect(await ask()).toEqual(down);
        expect(await Promise.all([ask(), ask(), ask()])).toEqual([down, down, down]);
        expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
      } finally {
        resume();
      }
      await expect.poll(ask, { timeout: 30_000 }).toEqual(good);
      await expect.poll(askWorker, { timeout: 30_000 }).toBe(200);
      await server.end('SIGKILL');
      // Backends of a killed PostgreSQL may still answer for a moment, each process from its own.
      await expect.poll(ask, { timeout: 30_000 }).toEqual(down);
      await expect.poll(askWorker, { timeout: 30_000 }).toBe(503);
      expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
      await server.start();
      await expect.poll(ask, { timeout: 30_000 }).toEqual(good);
    },
    120_000,
  );

  function pauseRedis(): () => void {
    redis.pause();
    return () => redis.resume();
  }

  /** Pauses the server and the processes of all its connections. */
  async function pausePostgres(): Promise<() => void> {
    // Workers of the server itself, as that of autovacuum, may end before their signal.
    const rows = await context.jobs.db.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'",
    );
    // A connection that the pool has closed may end meanwhile.
    const resume = pauseProcesses(rows.map(({ pid }) => pid));
    postgres.pause();
    return () => {
      postgres.resume();
      resume();
    };
  }
});

it('readiness tells that no worker lives, and that the registry is held, and since when', async () => {
  const registry = await startEmbedded({}, { worker: false });
  onTestFinished(() => registry.close());
  const ask = async () => {
    const response = await fetch(`${registry.url}/readyz`);
    return { status: response.status, ...readiness.parse(await response.json()) };
  };
  const startedAt = Date.now();
  const first = await ask();
  expect(first).toMatchObject({ status: 200, ready: true, degraded: true, parts: { workers: 'down' } });
  const since = first.degradations[0]?.since ?? '';
  expect(Date.parse(since)).toBeGreaterThanOrEqual(startedAt);
  expect((await ask()).degradations).toEqual([{ part: 'workers', state: 'down', since }]);
  const worker = await registry.startWorker();
  expect(await ask()).toMatchObject({ degraded: false, parts: { workers: 'up' }, degradations: [] });
  const metrics = createMetrics();
  addRegistryMetrics(metrics, {
    db: registry.db,
    checkParts: registry.context.checkParts,
    spaces: false,
    followJobs: 20,
  });
  const readHeld = async () =>
    (await metrics.read()).find(({ name }) => name === 'helm_registry_held')?.values[0]?.value;
  expect(await readHeld()).toBe(0);
  await holdRegistry(registry.db, 'a copy');
  const held = await ask();
  expect(held).toMatchObject({ status: 200, ready: true, degraded: true, parts: { workers: 'held' } });
  expect(held.degradations).toMatchObject([{ part: 'workers', state: 'held' }]);
  expect(await readHeld()).toBe(1);
  await resumeRegistry(registry.db);
  expect(await ask()).toMatchObject({ degraded: false, parts: { workers: 'up' }, degradations: [] });
  expect(await readHeld()).toBe(0);
  await worker.close();
  expect((await ask()).degradations).toMatchObject([{ part: 'workers', state: 'down' }]);
  // A worker that was killed leaves its row, which counts for some seconds only.
  await registry.db.query(
    "INSERT INTO workers (id, seen_at) VALUES (gen_random_uuid(), now() - interval '30 seconds')",
  );
  expect((await ask()).parts.workers).toBe('down');
});

it('a closing process is not ready, although its parts are up', async () => {
  const registry = await startEmbedded({}, { worker: false });
  onTestFinished(() => registry.close());
  const app = createApp(registry.context);
  expect((await app.request('/readyz')).status).toBe(200);
  registry.context.beginClosing();
  const answer = await app.request('/readyz');
  expect(answer.status).toBe(503);
  expect(readiness.parse(await answer.json())).toMatchObject({ ready: false, closing: true });
  expect((await app.request('/healthz')).status).toBe(200);
});
