import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemActor } from '../core/access/actor.ts';
import type { Database, Transaction } from '../core/db/port.ts';
import { requireRoomForJobs } from '../core/jobs/capacity.ts';
import { createJobClaimer } from '../core/jobs/claim.ts';
import { countJobs } from '../core/jobs/count-jobs.ts';
import { createJobReader } from '../core/jobs/job-reader.ts';
import { listJobs } from '../core/jobs/list-jobs.ts';
import { purgeJobs } from '../core/jobs/purge-jobs.ts';
import { claimOverdueJobs } from '../core/jobs/requeue.ts';
import { usePlanDatabase } from './support/plan-database.ts';
import { countRowsOf } from './support/query-plans.ts';

const jobs = 1_000_000;
/** Jobs of one statement, few enough for the time that a statement may take. */
const step = 50_000;
const queued = 300;

describe(`beside ${jobs} jobs`, () => {
  const { database, db, unrun, explain } = usePlanDatabase(async () => {
    await withoutIndexes(async () => {
      for (let first = 1; first <= jobs; first += step) await addEnded(first, first + step - 1);
    });
    await addUnfinished();
    for (const table of ['jobs', 'job_sources', 'deliveries', 'idempotency_keys', 'follow_runs'])
      await database.query(`VACUUM ANALYZE ${table}`);
  }, 600_000);

  /** Fills the table without its indexes for lists, which are made again afterwards. */
  async function withoutIndexes(fill: () => Promise<void>): Promise<void> {
    const made = await database.query<{ name: string; sql: string }>(
      `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS sql FROM pg_index
        WHERE indrelid = 'jobs'::regclass
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)`,
    );
    for (const { name } of made) await database.query(`DROP INDEX ${name}`);
    await fill();
    for (const { sql } of made) await database.query(sql);
  }

  /** Adds jobs that ended one after the other, the last of them now; one in a hundred has failed. */
  const addEnded = (first: number, last: number) =>
    database.query(
      `INSERT INTO jobs (id, state, space, chart, version, recipe, plan, sources, created_at, finished_at, changed_at)
       SELECT gen_random_uuid(), CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'succeeded' END::job_state,
              'space-' || n % 50, 'app-' || n % 1000, n || '.0.0', '{}', '{}', '[]', at, at, at
         FROM generate_series($1::int, $2::int) n, LATERAL (SELECT now() - ($3 - n) * interval '1 minute' AS at) t`,
      [first, last, jobs],
    );

  const addUnfinished = () =>
    database.query(
      `WITH job AS (
         INSERT INTO jobs (id, space, chart, version, recipe, plan, requeue_at)
         SELECT gen_random_uuid(), 'lib', 'waiting-' || n, '1.0.0', '{}', '{}', now() - interval '1 second'
           FROM generate_series(1, $1::int) n RETURNING id
       ), source AS (
         INSERT INTO job_sources (job_id, digest, space, chart, version) SELECT id, 'sha256:0', 'lib', 'web', '1.0.0' FROM job
       )
       INSERT INTO idempotency_keys (space, key, body_digest, job_id) SELECT 'lib', id::text, '', id FROM job`,
      [queued],
    );

  /** Counts the rows of jobs that the statements of a call read, each by itself. */
  async function rowsRead(call: () => Promise<unknown>): Promise<number[]> {
    return (await explain(call)).map((plan) => countRowsOf('jobs', [plan]));
  }

  const page = { start: 0, limit: 20 };

  it.each([
    ['all', {}],
    ['those of a state', { states: ['failed'] as const }],
    ['those of a space', { space: 'space-7' }],
    ['those of a chart', { space: 'space-7', chart: 'app-7' }],
    ['unfinished ones', { states: ['queued', 'running'] as const }],
  ])('a page of jobs reads no jobs behind it: %s', async (_, filter) => {
    for (const by of ['created', 'updated', 'finished'] as const) {
      // A chart has a thousand jobs, which are sorted where they are not wanted by acceptance.
      const bound = 'chart' in filter ? 6_500 : 150;
      const list = () =>
        listJobs({ db: unrun, actor: systemActor }, filter, page, { by, isDescending: true });
      const [counted, read] = await rowsRead(list);
      expect(counted).toBeLessThanOrEqual(10_000);
      expect(read, by).toBeLessThan(bound);
    }
  });

  it('counts by state end at ten thousand', async () => {
    const count = () => countJobs({ db, actor: systemActor }, undefined);
    expect(await count()).toMatchObject({
      queued: { count: queued, more: false },
      succeeded: { count: 10_000, more: true },
    });
    expect(Math.max(...(await rowsRead(count)))).toBeLessThanOrEqual(10_001);
  });

  it('unfinished jobs are found, counted and claimed without those that are over', async () => {
    const [row] = await database.query<{ id: string }>("SELECT id FROM jobs WHERE state = 'queued' LIMIT 1");
    const id = row?.id ?? '';
    expect(Math.max(...(await rowsRead(() => createJobReader(db)(id))))).toBe(1);
    expect(Math.max(...(await rowsRead(() => createJobReader(db)(randomUUID()))))).toBe(0);
    expect(Math.max(...(await rowsRead(() => createJobClaimer(unrun)(id))))).toBeLessThanOrEqual(2);
    expect(Math.max(...(await rowsRead(() => claimOverdueJobs(unrun, 100))))).toBeLessThanOrEqual(2 * queued);
    expect(Math.max(...(await rowsRead(() => requireRoomForJobs(db, 10_000, 1))))).toBeLessThanOrEqual(
      queued,
    );
  });

  it('a batch of the purge looks at its own jobs alone', async () => {
    const { statements, removed } = await purgeOneBatch(90);
    expect(removed).toBe(500);
    const read = await rowsRead(statements);
    // The lock, the old jobs, which are read and locked, their deliveries, what goes, the runs of follows, the deletion.
    expect(read).toHaveLength(6);
    expect(Math.max(...read)).toBeLessThanOrEqual(1_000);
    const none = await purgeOneBatch(36_000);
    expect(none.removed).toBe(0);
    expect(Math.max(...(await rowsRead(none.statements)))).toBe(0);
  });

  /** Runs the first batch of a purge and undoes it. @returns its statements, to be recorded */
  async function purgeOneBatch(days: number) {
    const sent: { sql: string; params: readonly unknown[] }[] = [];
    const ending = new AbortController();
    const undoing: Database = {
      ...database,
      async transaction(fn) {
        const done: Awaited<ReturnType<typeof fn>>[] = [];
        await database
          .transaction(async (tx) => {
            const recording: Transaction = {
              ...tx,
              query(sql, params = []) {
                sent.push({ sql, params });
                return tx.query(sql, params);
              },
            };
            done.push(await fn(recording));
            throw new Undone();
          })
          .catch((error: unknown) => {
            if (!(error instanceof Undone)) throw error;
          });
        ending.abort();
        const [result] = done;
        if (result === undefined) throw new Error('a batch has no result');
        return result;
      },
    };
    const removed = await purgeJobs(undoing, days, ending.signal);
    const statements = async () => {
      for (const { sql, params } of sent) await unrun.query(sql, params);
    };
    return { removed, statements };
  }
});

/** Ends a transaction whose changes are not to stay. */
class Undone extends Error {}
