import { describe, expect, it } from 'vitest';
import { type Actor, systemActor } from '../core/access/actor.ts';
import { computeReadScope, noGrants, publicReadScope, type Subject } from '../core/access/decide.ts';
import { anonymousCaller, type Caller } from '../core/access/principal.ts';
import { listJobs } from '../core/jobs/list-jobs.ts';
import { readChanges, readPosition } from '../core/jobs/stream/read-changes.ts';
import { findNearestSpace } from '../core/registry/nearest.ts';
import { searchCharts } from '../core/registry/search.ts';
import { listSpaces } from '../core/registry/spaces.ts';
import { usePlanDatabase } from './support/plan-database.ts';
import { countRowsOf } from './support/query-plans.ts';

const spaces = 2_000;
const jobs = 100_000;
const author = '8f0f5c0e-0000-4000-8000-000000000001';
const stranger = '8f0f5c0e-0000-4000-8000-000000000002';

describe(`lists of a reader, beside ${jobs} jobs in ${spaces} spaces`, () => {
  const { database, db, unrun, explain } = usePlanDatabase(async () => {
    await database.query(
      `INSERT INTO spaces (name, visibility)
       SELECT 'space-' || lpad(n::text, 5, '0'), CASE WHEN n <= 5 THEN 'public' WHEN n <= 10 THEN 'internal' ELSE 'private' END::space_visibility
         FROM generate_series(1, $1::int) n`,
      [spaces],
    );
    await database.query(
      `INSERT INTO jobs (id, state, space, space_id, chart, version, recipe, plan, finished_at, author_id)
       SELECT gen_random_uuid(), 'succeeded', s.name, s.id, 'app', n || '.0.0', '{}', '{}', now(),
              CASE WHEN n % 100 = 0 THEN $3::uuid END
         FROM generate_series(1, $1::int) n JOIN spaces s ON s.name = 'space-' || lpad((n % $2 + 1)::text, 5, '0')`,
      [jobs, spaces, author],
    );
    await database.query(
      `WITH chart AS (
         INSERT INTO charts (space_id, name) SELECT id, 'needle' FROM spaces RETURNING id, space_id
       ), version AS (
         INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
         SELECT id, '1.0.0', '1', 'sha256:' || repeat('0', 64), 1, '{"name":"needle"}', '{}' FROM chart
       )
       SELECT 1`,
    );
    for (let after: number | null = 0; after !== null; ) {
      const [row]: { last: number | null }[] = await database.query(
        'SELECT search_catch_up($1, 500) AS last',
        [after],
      );
      after = row?.last ?? null;
    }
    for (const table of ['spaces', 'jobs', 'charts', 'versions', 'chart_search'])
      await database.query(`ANALYZE ${table}`);
  });

  /** Counts the rows that the statements of a call read from a table. */
  async function rowsRead(table: string, call: () => Promise<unknown>): Promise<number> {
    return countRowsOf(table, await explain(call));
  }

  /** Makes the actor of a caller without roles. */
  function actorOf(caller: Caller): Actor {
    const subject: Subject = { caller, grants: noGrants };
    return {
      ...systemActor,
      guarded: true,
      scope: async () => computeReadScope(subject),
      subject: async () => subject,
    };
  }
  const member = (id: string): Caller => ({
    kind: 'principal',
    principal: { id, kind: 'user', name: 'ana' },
    credential: 'token',
  });
  const page = { start: 0, limit: 10 };

  it('a page of jobs reads those of readable spaces, not those of others', async () => {
    // 5 spaces with 50 jobs each, all of which are counted, and 10 of each for the page.
    const actor = actorOf(anonymousCaller);
    const { total, items } = await listJobs({ db, actor }, {}, page);
    expect([total, items.length]).toEqual([250, 10]);
    const read = await rowsRead('jobs', () => listJobs({ db, actor }, {}, page));
    expect(read).toBeLessThan(400);
  });

  it('a page of own jobs reads those, by the index of authors', async () => {
    const actor = actorOf(member(author));
    const { total, items } = await listJobs({ db, actor }, {}, page);
    expect([total > 1_000, items.length]).toEqual([true, 10]);
    // A thousand own ones are counted.
    expect(await rowsRead('jobs', () => listJobs({ db, actor }, {}, page))).toBeLessThan(2_500);
  });

  const orders = (['created', 'updated', 'finished'] as const).flatMap((by) =>
    [true, false].map((isDescending) => ({ by, isDescending })),
  );

  it.each(orders)(
    'a page of jobs by $by (descending: $isDescending) reads no jobs behind it',
    async (order) => {
      const everybody = { ...systemActor, guarded: true };
      for (const filter of [{}, { space: 'space-00007' }, { states: ['succeeded', 'failed'] as const }]) {
        const list = () => listJobs({ db: unrun, actor: everybody }, filter, page, order);
        const [, ...plans] = await explain(list);
        // The page, and each of its jobs once for its bytes and once for itself.
        expect(countRowsOf('jobs', plans)).toBeLessThan(100);
      }
      const none = () => listJobs({ db, actor: everybody }, { states: ['queued', 'failed'] }, page, order);
      expect(await rowsRead('jobs', none)).toBe(0);
      const member = actorOf(anonymousCaller);
      const { items } = await listJobs({ db, actor: member }, {}, page, order);
      expect(items).toHaveLength(10);
      expect(await rowsRead('jobs', () => listJobs({ db, actor: member }, {}, page, order))).toBeLessThan(
        400,
      );
    },
  );

  it('changes are read without the jobs that have not changed', async () => {
    const since = await readPosition(database);
    await database.query('UPDATE jobs SET done = 1 WHERE number IN (SELECT number FROM jobs LIMIT 5)');
    expect(await rowsRead('jobs', () => readChanges(db, since))).toBeLessThan(40);
    const long = { ...since, end: '1', unfinished: [] };
    expect((await readChanges(db, long)).pages).toBeUndefined();
    expect(await rowsRead('jobs', () => readChanges(db, long))).toBeLessThan(1_100);
  });

  it('a page of spaces, and a suggestion, read readable ones', async () => {
    const registry = { db, actor: actorOf(member(stranger)) };
    const read = await rowsRead('spaces', () => listSpaces(registry, page));
    expect(read).toBeLessThan(100);
    const suggested = await rowsRead('spaces', () => findNearestSpace(db, 'space-00001x', publicReadScope));
    expect(suggested).toBeLessThan(100);
    expect(await findNearestSpace(db, 'space-0001', publicReadScope)).toMatch(/^space-0000/);
  });

  it('a search reads each found chart once', async () => {
    const search = () => searchCharts(db, { text: 'needle' }, page, publicReadScope);
    expect((await search()).total).toBe(5);
    expect(await rowsRead('chart_search', search)).toBeLessThan(spaces + 100);
    expect(await rowsRead('spaces', search)).toBeLessThan(100);
  });
});
