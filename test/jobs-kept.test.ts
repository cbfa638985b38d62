import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { purgeJobs } from '../core/jobs/purge-jobs.ts';
import { deliveriesOf, errorOf, followOf, jobOf, lineageOf, namesOf } from './support/answers.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { createTestDatabase, type TestDatabase } from './support/postgres.ts';
import { serve } from './support/process.ts';
import { startReceiver } from './support/receiver.ts';

const source = (chart: string, version = '*') => ({
  package: { independent: true, space: 'lib', chart, version },
});

describe('jobs that ended longer ago than JOBS_KEEP', () => {
  let registry: EmbeddedRegistry;
  let worker: { close(): Promise<void> };
  beforeAll(async () => {
    registry = await startEmbedded({ jobsKeep: 30 }, { worker: false });
    worker = await registry.startWorker();
    for (const name of ['web', 'db']) await registry.upload('lib', { name, version: '1.0.0' });
  });
  afterAll(() => registry.close());

  const age = (days: number, where = 'true') =>
    registry.db.query(
      `UPDATE jobs SET created_at = created_at - $1 * interval '1 day', finished_at = finished_at - $1 * interval '1 day',
              changed_at = changed_at - $1 * interval '1 day' WHERE finished_at IS NOT NULL AND ${where}`,
      [days],
    );
  const purge = () => purgeJobs(registry.db, 30);
  const compose = async (chart: string, more: object = {}, headers?: Record<string, string>) => {
    const response = await registry.orchestrate(
      'lib',
      { save: { chart, version: '1.0.0' }, configs: { ...source('web'), store: source('db') }, ...more },
      { Prefer: 'wait=30', ...headers },
    );
    expect(response.status, await response.clone().text()).toBe(201);
  };
  const of = (chart: string, version = '1.0.0') => `/spaces/lib/charts/${chart}/versions/${version}`;
  const text = async (path: string) => (await registry.api(path)).text();

  it('jobs that ended longer ago than JOBS_KEEP are deleted, and all that lineage tells of their versions stays as it was', async () => {
    await compose('shop');
    const lineage = await lineageOf(await registry.api(`${of('shop')}/lineage`));
    const paths = [
      ...[`${of('shop')}/lineage`, `${of('shop')}/details`, `${of('shop')}/manifests/values`],
      ...[`${of('web')}/dependents`, '/outdated', '/spaces/lib/details'],
    ];
    const marks = () => registry.db.query('SELECT FROM state_work UNION ALL SELECT FROM version_events');
    await expect.poll(marks, { timeout: 20_000 }).toEqual([]);
    const before = await Promise.all(paths.map(text));
    expect((await registry.api(`/jobs/${lineage.job}`)).status).toBe(200);
    await age(31);
    expect(await purge()).toBeGreaterThan(0);

    expect(await Promise.all(paths.map(text))).toEqual(before);
    // The process that has ended the job has it in memory.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31 * 24 * 60 * 60 * 1000 });
    onTestFinished(() => void vi.useRealTimers());
    for (const path of ['', '/recipe', '/deliveries', '/events']) {
      const gone = await registry.api(`/jobs/${lineage.job}${path}`);
      expect(gone.status, path).toBe(404);
      expect(await errorOf(gone)).toMatchObject({
        code: 'job.notFound',
        message: `There is no job ${lineage.job}. Jobs are deleted 30 days after they have ended (JOBS_KEEP).`,
      });
    }
    expect((await registry.api(`/jobs/${lineage.job}`, { method: 'DELETE' })).status).toBe(404);
    const again = await registry.api(`${of('shop')}/recompose`, {
      method: 'POST',
      headers: { Prefer: 'wait=30' },
      body: '{"next":"patch"}',
    });
    expect(again.status, await again.clone().text()).toBe(201);
    const recomposed = await lineageOf(await registry.api(`${of('shop', '1.0.1')}/lineage`));
    expect(recomposed.sources).toEqual(lineage.sources);
  });

  it('stay while they are younger, and all of them without a limit', async () => {
    await compose('young');
    await age(29, "chart = 'young'");
    expect(await purge()).toBe(0);
    await age(400, "chart = 'young'");
    expect(await purgeJobs(registry.db, 0)).toBe(0);
    expect(await purge()).toBe(1);
  });

  it('take their idempotency keys along, so that a key may come again', async () => {
    const key = { 'Idempotency-Key': randomUUID() };
    await compose('keyed', {}, key);
    await registry.api(of('keyed'), { method: 'DELETE' });
    await age(31, "chart = 'keyed'");
    await purge();
    expect(await registry.db.query('SELECT FROM idempotency_keys')).toEqual([]);
    await compose('keyed', {}, key);
  });

  it('stay while their callback is pending, also one that is replayed at that moment', async () => {
    const receiver = await startReceiver();
    await compose('called', { callback: { url: receiver.url } });
    await receiver.called(1);
    const [job] = await registry.db.query<{ id: string }>("SELECT id FROM jobs WHERE chart = 'called'");
    const deliveries = async () =>
      (await deliveriesOf(await registry.api(`/jobs/${job?.id}/deliveries`))).items;
    await expect.poll(async () => (await deliveries())[0]?.state).toBe('succeeded');
    const [delivery] = await deliveries();
    await age(31, "chart = 'called'");
    // As a replay does, which has locked the delivery and not committed yet.
    let purging: Promise<number> | undefined;
    await registry.db.transaction(async (tx) => {
      await tx.query('SELECT FROM deliveries WHERE id = $1 FOR UPDATE', [delivery?.id]);
      purging = purge();
      await expect.poll(() => waitsForLock(registry.db), { timeout: 20_000 }).toBe(true);
      await tx.query(
        `UPDATE deliveries SET state = 'pending', due_at = now() + interval '1 hour', finished_at = NULL,
                requeue_at = now() + interval '1 hour' WHERE id = $1`,
        [delivery?.id],
      );
    });
    expect(await purging).toBe(0);
    expect(await deliveries()).toMatchObject([{ state: 'pending' }]);
    await registry.db.query(
      "UPDATE deliveries SET state = 'failed', requeue_at = NULL, finished_at = now() WHERE id = $1",
      [delivery?.id],
    );
    expect(await purge()).toBe(1);
    expect(await registry.db.query('SELECT FROM deliveries')).toEqual([]);
  });

  it('stay until the follow that opened them has taken note of their end', async () => {
    await compose('followed', { save: { chart: 'followed', version: '1.0.0', follow: { wait: '0s' } } });
    const follow = async () => followOf(await registry.api('/spaces/lib/charts/followed/follow'));
    await registry.upload('lib', { name: 'web', version: '1.1.0' });
    const composed = async () => (await follow()).items.find(({ state }) => state === 'composed');
    await expect.poll(composed, { timeout: 30_000 }).toBeDefined();
    const run = await composed();
    await worker.close();
    const made = await jobOf(await registry.request(run?.job ?? ''));
    await age(31);
    const reopen = (state: string, jobId: string | null) =>
      registry.db.query(
        `UPDATE follow_runs SET state = $1::follow_run_state, job_id = $2,
                finished_at = CASE WHEN $1 <> 'running' THEN now() END, lease_until = now() + interval '1 hour'
          WHERE version = '1.0.1'`,
        [state, jobId],
      );
    for (const jobId of [made.id, null]) {
      await reopen('running', jobId);
      await purge();
      expect((await registry.api(`/jobs/${made.id}`)).status).toBe(200);
    }
    await reopen('composed', made.id);
    expect(await purge()).toBe(1);
    expect(await composed()).toMatchObject({ version: '1.0.1', from: '1.0.0' });
    expect(await composed()).not.toHaveProperty('job');
    // It goes on as before.
    await registry.startWorker();
    await registry.upload('lib', { name: 'web', version: '1.2.0' });
    const versions = async () =>
      (await namesOf(await registry.api('/spaces/lib/charts/followed/versions'))).items;
    await expect.poll(versions, { timeout: 30_000 }).toContain('1.0.2');
  });
});

describe('a purge of many jobs', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database?.drop());

  /** Adds old jobs with all that they have, numbered in the order of their ends. */
  const add = (count: number) =>
    database.db.query(
      `WITH job AS (
         INSERT INTO jobs (id, state, space, chart, version, recipe, plan, sources, finished_at, changed_at)
         SELECT gen_random_uuid(), 'succeeded', 'lib', 'shop', n || '.0.0', '{}', '{}', '[]', at, at
           FROM generate_series(1, $1::int) n, LATERAL (SELECT now() - interval '100 days' + n * interval '1 second' AS at) t
         RETURNING id
       ), source AS (
         INSERT INTO job_sources (job_id, digest, space, chart, version) SELECT id, 'sha256:0', 'lib', 'web', '1.0.0' FROM job
       ), key AS (
         INSERT INTO idempotency_keys (space, key, body_digest, job_id) SELECT 'lib', id::text, '', id FROM job
       )
       INSERT INTO deliveries (id, job_id, url, payload, state, finished_at)
       SELECT gen_random_uuid(), id, 'https://example.org/', '{}', 'succeeded', now() FROM job`,
      [count],
    );
  const left = async () => {
    const [row] = await database.db.query<{
      jobs: number;
      sources: number;
      keys: number;
      deliveries: number;
    }>(
      `SELECT (SELECT count(*) FROM jobs) AS jobs, (SELECT count(*) FROM job_sources) AS sources,
              (SELECT count(*) FROM idempotency_keys) AS keys, (SELECT count(*) FROM deliveries) AS deliveries`,
    );
    return [row?.jobs, row?.sources, row?.keys, row?.deliveries];
  };

  it('deletes each job once where several workers purge at once', async () => {
    await add(2_600);
    const removed = await Promise.all([1, 2, 3].map(() => purgeJobs(database.db, 90)));
    const rest = await purgeJobs(database.db, 90);
    expect(removed.reduce((sum, count) => sum + count, rest)).toBe(2_600);
    expect(await left()).toEqual([0, 0, 0, 0]);
  });

  it('ends before its next batch when it is told to', async () => {
    await add(1);
    expect(await purgeJobs(database.db, 90, AbortSignal.abort())).toBe(0);
    expect(await purgeJobs(database.db, 90)).toBe(1);
  });

  it('a purge of many jobs has done whole batches when its worker is killed, and the next worker does the rest', async () => {
    await add(2_600);
    const environment = { DATABASE_URL: database.url, JOBS_KEEP: '90' };
    await database.db.transaction(async (tx) => {
      // The fourth batch waits for this job.
      await tx.query("SELECT FROM jobs WHERE version = '1700.0.0' FOR UPDATE");
      const first = await serve(environment, 'worker');
      await expect.poll(() => waitsForLock(database.db), { timeout: 30_000 }).toBe(true);
      await first.end('SIGKILL');
    });
    await expect.poll(() => waitsForLock(database.db)).toBe(false);
    expect(await left()).toEqual([1_100, 1_100, 1_100, 1_100]);
    const second = await serve(environment, 'worker');
    onTestFinished(async () => void (await second.end('SIGKILL')));
    await expect.poll(left, { timeout: 30_000 }).toEqual([0, 0, 0, 0]);
  });
});

/** Whether a statement on jobs or deliveries waits for a lock. */
async function waitsForLock(db: TestDatabase['db']): Promise<boolean> {
  const waiting = await db.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return waiting.length > 0;
}
