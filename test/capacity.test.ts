import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { requireRoomForJobs } from '../core/jobs/capacity.ts';
import { errorOf, jobOf, jobsOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { createTestDatabase } from './support/postgres.ts';
import { startRegistry, type TestRegistry } from './support/registry.ts';

const recipe = (chart: string) => ({
  save: { chart, version: '1.0.0' },
  configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
});

describe('a full queue', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry({ queueLimit: 3 }, { worker: false });
    await registry.upload('lib', { name: 'web' });
  });
  afterAll(() => registry.close());

  it('a full queue refuses a recipe with 503 and Retry-After, and answers accepted ones again', async () => {
    const key = { 'Idempotency-Key': 'first' };
    const first = await jobOf(await registry.orchestrate('lib', recipe('one'), key));
    for (const chart of ['two', 'three']) {
      expect((await registry.orchestrate('lib', recipe(chart), {})).status).toBe(202);
    }
    const refused = await registry.orchestrate('lib', recipe('four'), {});
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('10');
    expect(await errorOf(refused)).toMatchObject({ code: 'queue.full', details: { limit: 3 } });
    expect((await jobsOf(await registry.api('/jobs'))).metadata.total).toBe(3);
    expect((await registry.upload('lib', { name: 'four' })).status).toBe(201);
    const again = await registry.orchestrate('lib', recipe('one'), key);
    expect((await jobOf(again)).id).toBe(first.id);
    await registry.api(`/jobs/${first.id}`, { method: 'DELETE' });
    expect((await registry.orchestrate('lib', recipe('five'), {})).status).toBe(202);
  });
});

it('a full queue refuses concurrent recipes, but for the few that a process writes at a time', async () => {
  const registry = await startRegistry({ queueLimit: 3, databasePool: 4 }, { worker: false });
  onTestFinished(() => registry.close());
  await registry.upload('lib', { name: 'web' });
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => registry.orchestrate('lib', recipe(`concurrent-${n}`), {})),
  );
  const accepted = answers.filter(({ status }) => status === 202).length;
  expect(accepted).toBeGreaterThanOrEqual(3);
  expect(accepted).toBeLessThanOrEqual(5);
  expect(answers.filter(({ status }) => status === 503)).toHaveLength(40 - accepted);
});

it('a full queue is found in the index of unfinished jobs, which is read up to the limit', async () => {
  const { db, drop } = await createTestDatabase();
  onTestFinished(drop);
  await db.query(
    `INSERT INTO jobs (id, space, chart, version, recipe, plan, requeue_at)
     SELECT gen_random_uuid(), 'lib', 'c' || n, '1.0.0', '{}', '{}', now() FROM generate_series(1, 100000) n`,
  );
  await db.query('ANALYZE jobs');
  await expect(requireRoomForJobs(db, 10_000, 1)).rejects.toMatchObject({ code: 'queue.full' });
  await expect(requireRoomForJobs(db, 100_000, 1)).rejects.toMatchObject({ code: 'queue.full' });
  await expect(requireRoomForJobs(db, 100_001, 1)).resolves.toBe(1);
  const plan = await db.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN (ANALYZE, TIMING OFF) SELECT FROM jobs WHERE state IN ('queued', 'running') ORDER BY requeue_at OFFSET 9999 LIMIT 1`,
  );
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).toContain('Index Only Scan using jobs_to_requeue');
  expect(text).toMatch(/jobs_to_requeue.*rows=10000(\.00)? /);
}, 120_000);

describe.each([2, 3])('a pool of %i connections', (databasePool) => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry({ databasePool, lockTimeout: 200 });
    await registry.upload('lib', { name: 'web' });
    await registry.upload('lib', { name: 'same' });
  });
  afterAll(() => registry.close());

  it(`a pool of ${databasePool} connections answers a hundred concurrent writers and readers`, async () => {
    const archives = await Promise.all(
      Array.from({ length: 10 }, (_, n) => packChart({ name: `own-${n}`, values: { n } })),
    );
    const json = (body: unknown): RequestInit => ({
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const same = '/spaces/lib/charts/same/versions/1.0.0';
    const kinds: ((n: number) => Promise<Response>)[] = [
      (n) => registry.upload('lib', archives[n % 10] ?? Buffer.alloc(0)),
      (n) => registry.upload('lib', { name: 'same', version: `${n}.0.0` }),
      (n) => registry.api(`${same}/values`, json({ n })),
      (n) => registry.api(`${same}/metadata`, json({ name: 'same', version: '1.0.0', description: `${n}` })),
      (n) => registry.api(`/spaces/lib/charts/own-${n % 10}`, { method: 'DELETE' }),
      (n) => registry.orchestrate('lib', recipe(`made-${n % 20}`), {}),
      (n) => registry.orchestrate('lib', recipe(`waited-${n}`), { Prefer: 'wait=30' }),
      () => registry.api(`${same}/values`),
      () => registry.api('/spaces/lib/charts'),
      () => registry.api(same),
    ];
    const statuses = await Promise.all(
      Array.from({ length: 150 }, async (_, n) => {
        const response = await kinds[n % kinds.length]?.(n);
        await response?.arrayBuffer();
        return response?.status ?? 0;
      }),
    );
    expect(statuses.filter((status) => status < 200 || status >= 500)).toEqual([]);
    // Afterwards the registry works as before.
    expect((await registry.upload('lib', { name: 'afterwards' })).status).toBe(201);
  }, 120_000);
});
