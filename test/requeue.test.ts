import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { links } from '../api/links.ts';
import { createContext } from '../core/context.ts';
import { sweep } from '../core/jobs/sweep.ts';
import type { Queue } from '../core/queue/port.ts';
import { startJobWorker } from '../worker/main.ts';
import { jobOf, jobsOf } from './support/answers.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { canStartRedis, startRedis } from './support/servers/redis.ts';

async function open(redisUrl: string): Promise<EmbeddedRegistry> {
  const registry = await startEmbedded({ redisUrl }, { worker: false });
  onTestFinished(() => registry.close());
  await registry.upload('lib', { name: 'web' });
  return registry;
}

async function newRedis() {
  const redis = await startRedis();
  onTestFinished(() => redis.dispose());
  return redis;
}

/** Submits recipes concurrently, without waiting for their jobs. */
async function submit(registry: EmbeddedRegistry, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, number) => {
      const response = await registry.orchestrate(
        'lib',
        {
          save: { chart: `made-${number}`, version: '1.0.0' },
          configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
        },
        {},
      );
      expect(response.status).toBe(202);
      await jobOf(response);
    }),
  );
}

const succeeded = async (registry: EmbeddedRegistry) =>
  (await jobsOf(await registry.api('/jobs?state=succeeded'))).metadata.total;

/** Moves the next sweep of queued jobs an hour away, as for jobs that have waited for long. */
const postponeSweep = (registry: EmbeddedRegistry) =>
  registry.context.jobs.db.query(
    "UPDATE jobs SET requeue_at = now() + interval '1 hour' WHERE state = 'queued'",
  );

async function flush(url: string): Promise<void> {
  const client = new Redis(url);
  await client.flushall();
  client.disconnect();
}

/** Runs sweeps concurrently. @returns how often each enqueued id was enqueued */
async function sweepNow(registry: EmbeddedRegistry, sweeps: number): Promise<number[]> {
  const times = new Map<string, number>();
  const { jobs } = registry.context;
  const queue: Queue = {
    ...jobs.queue,
    async enqueue(name, ids) {
      for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1);
      return jobs.queue.enqueue(name, ids);
    },
  };
  await Promise.all(Array.from({ length: sweeps }, () => sweep({ ...jobs, queue })));
  return [...times.values()];
}

describe.skipIf(!canStartRedis())('a queue lost by Redis (left out where there is no redis-server)', () => {
  it.each([
    ['a flush', (redis: { url: string }) => flush(redis.url)],
    [
      'a restart that keeps nothing',
      async (redis: Awaited<ReturnType<typeof startRedis>>) => {
        await redis.end('SIGKILL');
        await redis.start();
      },
    ],
  ])('queued jobs are enqueued again by a worker that starts after %s', async (_, lose) => {
    const redis = await newRedis();
    const registry = await open(redis.url);
    await sweepNow(registry, 1);
    await submit(registry, 20);
    await postponeSweep(registry);
    await lose(redis);
    const worker = await registry.startWorker();
    await expect.poll(() => succeeded(registry), { timeout: 60_000 }).toBe(20);
    await worker.close();
  });

  it('queued jobs are enqueued on another Redis by a worker that uses that one', async () => {
    const [one, other] = [await newRedis(), await newRedis()];
    const registry = await open(one.url);
    await sweepNow(registry, 1);
    await submit(registry, 20);
    await postponeSweep(registry);
    const { config, log } = registry.context;
    const context = await createContext({ ...config, redisUrl: other.url }, log, {
      migrate: false,
      name: 'other',
      links,
    });
    const worker = await startJobWorker(context);
    await expect.poll(() => succeeded(registry), { timeout: 60_000 }).toBe(20);
    await worker.close();
    await context.close();
  });

  it('a queue lost while workers work is enqueued again, and every job is done', async () => {
    const redis = await newRedis();
    const registry = await open(redis.url);
    await submit(registry, 150);
    const workers = [await registry.startWorker(), await registry.startWorker()];
    await expect.poll(() => succeeded(registry), { timeout: 60_000, interval: 10 }).toBeGreaterThan(5);
    await postponeSweep(registry);
    await flush(redis.url);
    await expect.poll(() => succeeded(registry), { timeout: 90_000 }).toBe(150);
    await Promise.all(workers.map((worker) => worker.close()));
  });

  it('queued jobs are enqueued again once, also by many concurrent sweeps', async () => {
    const redis = await newRedis();
    const registry = await open(redis.url);
    const { db } = registry.context.jobs;
    await sweepNow(registry, 1);
    await submit(registry, 30);
    // More jobs than one batch of a sweep.
    await db.query(
      `INSERT INTO jobs (id, space, chart, version, recipe, plan, requeue_at)
       SELECT gen_random_uuid(), 'lib', 'bulk-' || n, '1.0.0', '{}', '{}', now() + interval '1 minute'
         FROM generate_series(1, 1200) n`,
    );
    await postponeSweep(registry);
    expect(await sweepNow(registry, 4)).toEqual([]);
    await flush(redis.url);
    expect(await sweepNow(registry, 6)).toEqual(Array(1230).fill(1));
    expect(await sweepNow(registry, 4)).toEqual([]);
  });

  it('a delivery that waits for its next attempt is enqueued when it is due, not before', async () => {
    const redis = await newRedis();
    const registry = await open(redis.url);
    const { db } = registry.context.jobs;
    await sweepNow(registry, 1);
    await db.query(
      `WITH job AS (
         INSERT INTO jobs (id, state, space, chart, version, recipe, plan, finished_at)
         VALUES (gen_random_uuid(), 'succeeded', 'lib', 'told', '1.0.0', '{}', '{}', now()) RETURNING id
       )
       INSERT INTO deliveries (id, job_id, url, payload, due_at, requeue_at)
       SELECT gen_random_uuid(), id, 'http://127.0.0.1:1/' || wait, '{}', now() + wait, now() + greatest(wait, '1 minute')
         FROM job, unnest(ARRAY['0 s', '2 minutes']::interval[]) wait`,
    );
    await flush(redis.url);
    expect(await sweepNow(registry, 2)).toEqual([1]);
    await db.query("UPDATE deliveries SET due_at = now(), requeue_at = now() WHERE url LIKE '%00:02%'");
    expect(await sweepNow(registry, 2)).toEqual([1]);
  });

  it('the schedule of garbage collection is restored after a flush', async () => {
    const redis = await newRedis();
    const registry = await open(redis.url);
    const worker = await registry.startWorker();
    const client = new Redis(redis.url);
    const scheduled = () => client.keys('helm-registry:upkeep:repeat*').then((keys) => keys.length > 0);
    await expect.poll(scheduled, { timeout: 30_000 }).toBe(true);
    await client.flushall();
    await expect.poll(scheduled, { timeout: 30_000 }).toBe(true);
    client.disconnect();
    await worker.close();
  });

  it('a recipe is accepted while Redis hangs, and its job is done later', async () => {
    const redis = await newRedis();
    const registry = await open(redis.url);
    await submit(registry, 1);
    redis.pause();
    const answer = await registry.orchestrate(
      'lib',
      {
        save: { chart: 'hung', version: '1.0.0' },
        configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
      },
      {},
    );
    expect(answer.status).toBe(202);
    redis.resume();
    const worker = await registry.startWorker();
    await expect.poll(() => succeeded(registry), { timeout: 40_000 }).toBe(2);
    await worker.close();
  });
});

describe('a queue on PostgreSQL', () => {
  it('accepted jobs that were never enqueued are enqueued within seconds', async () => {
    const registry = await open('');
    await submit(registry, 5);
    await registry.context.jobs.db.query("DELETE FROM bullmq.job WHERE queue = 'orchestrations'");
    const worker = await registry.startWorker();
    await expect.poll(() => succeeded(registry), { timeout: 40_000 }).toBe(5);
    await worker.close();
  });
});
