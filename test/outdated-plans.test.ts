import { describe, expect, it } from 'vitest';
import { links } from '../api/links.ts';
import { systemActor } from '../core/access/actor.ts';
import { fullReadScope, type ReadScope } from '../core/access/decide.ts';
import type { Database } from '../core/db/port.ts';
import { consumeEvents } from '../core/events/consume-events.ts';
import type { FollowFilter } from '../core/follow/list-follows.ts';
import { listFollows } from '../core/follow/list-follows.ts';
import { listOutdated } from '../core/outdated/list-outdated.ts';
import type { ComposedFilter } from '../core/outdated/list-sql.ts';
import { markStates } from '../core/outdated/mark-states.ts';
import { updateKeptStates } from '../core/outdated/update-kept-states.ts';
import { fillComposed } from './support/composed-rows.ts';
import { usePlanDatabase } from './support/plan-database.ts';
import { countPages } from './support/query-plans.ts';

const composed = 6_000;

/** Follows every composed chart: a seventh has failed, as many are due, and each has runs, few of which are open. */
async function fillFollows(db: Database): Promise<void> {
  await db.query(
    `INSERT INTO follows (chart_id, settings, due_since, due_at, wave_at, look_at, failure)
     SELECT id, '{}', due, due, due, due, CASE WHEN id % 7 = 1 THEN '{"code":"values.invalid"}'::jsonb END
       FROM (SELECT id, CASE WHEN id % 7 = 0 THEN now() END AS due FROM charts WHERE name LIKE 'app-%') c`,
  );
  await db.query(
    `INSERT INTO follow_runs (follow_id, set_at, wave_at, state, finished_at, error)
     SELECT id, now(), now(), 'failed', now(), '{}' FROM follows, generate_series(1, 5)`,
  );
  await db.query(
    `INSERT INTO follow_runs (follow_id, set_at, wave_at)
     SELECT id, now(), now() FROM follows WHERE space > 'team-03' ORDER BY space, chart LIMIT 50`,
  );
}

describe('lists of composed versions, in a registry of 100,000 versions', () => {
  const { database, db, explain } = usePlanDatabase(async (empty) => {
    await fillComposed(empty, { space: 'lib', sources: 940, versions: 100, teams: 20, composed });
    await empty.query('VACUUM ANALYZE');
    await updateKeptStates(empty);
    await fillFollows(empty);
    await empty.query('VACUUM ANALYZE');
  });

  const list = (filter: Partial<ComposedFilter>, scope: ReadScope = fullReadScope, limit = 20) => {
    const actor = { ...systemActor, scope: async () => scope };
    return listOutdated(
      { db, actor, suggestible: fullReadScope },
      { highestOnly: true, ...filter },
      { limit, after: { space: 'team-03', chart: 'app-2', version: '1.0.0' } },
    );
  };
  /** Runs a list, and counts the pages of tables and indexes that its queries read. */
  async function pagesRead(...args: Parameters<typeof list>): Promise<number> {
    const plans = await explain(async () => {
      const { items } = await list(...args);
      expect(items.length).toBeGreaterThan(0);
    });
    return countPages(plans);
  }

  it.each<[string, Partial<ComposedFilter>]>([
    ['all', {}],
    ['a space', { space: 'team-03' }],
    ['a state', { state: 'outdated' }],
    ['a state, in a space', { space: 'team-03', state: 'newer' }],
    ['a state, with lower versions', { state: 'outdated', highestOnly: false }],
  ])('a page of %s costs what it shows', async (_, filter) => {
    const one = await pagesRead(filter, fullReadScope, 1);
    const twenty = await pagesRead(filter, fullReadScope, 20);
    expect(one).toBeLessThan(400);
    expect(twenty).toBeLessThan(4_000);
  });

  const follows = (filter: FollowFilter, scope: ReadScope, limit: number) => {
    const actor = { ...systemActor, scope: async () => scope };
    const after = { rank: filter.state === 'current' ? 2 : 0, space: 'team-03', chart: 'app-2' };
    return listFollows({ db, actor, suggestible: fullReadScope }, links, filter, { limit, after });
  };
  async function followPages(...args: Parameters<typeof follows>): Promise<number> {
    const plans = await explain(async () => {
      const { items } = await follows(...args);
      expect(items.length).toBeGreaterThan(0);
    });
    return countPages(plans);
  }

  it.each<[string, FollowFilter]>([
    ['all', {}],
    ['a space', { space: 'team-03' }],
    ['those that have failed', { state: 'failed' }],
    ['those that are due', { state: 'due' }],
    ['those up to date, in a space', { space: 'team-03', state: 'current' }],
    ['those that run', { state: 'running' }],
  ])('a page of follows costs what it shows: %s', async (_, filter) => {
    expect(await followPages(filter, fullReadScope, 1)).toBeLessThan(400);
    expect(await followPages(filter, fullReadScope, 20)).toBeLessThan(1_500);
  });

  it('a page of follows costs a reader of few spaces a bounded number of pages', async () => {
    const [row] = await database.query<{ ids: number[] }>(
      "SELECT array_agg(id) AS ids FROM spaces WHERE name IN ('lib', 'team-05', 'team-19')",
    );
    await database.query("UPDATE spaces SET visibility = 'private'");
    const scope = { all: false, internal: false, spaceIds: row?.ids ?? [] };
    expect(await followPages({}, scope, 20)).toBeLessThan(4_000);
    const { items } = await follows({ state: 'failed' }, scope, 20);
    expect(new Set(items.map(({ space }) => space))).toEqual(new Set(['team-05']));
  });

  it('a page costs a reader of few spaces no more', async () => {
    const [row] = await database.query<{ ids: number[] }>(
      "SELECT array_agg(id) AS ids FROM spaces WHERE name IN ('lib', 'team-05', 'team-19')",
    );
    const scope = { all: false, internal: false, spaceIds: row?.ids ?? [] };
    await database.query("UPDATE spaces SET visibility = 'private'");
    expect(await pagesRead({}, scope)).toBeLessThan(4_000);
    expect(await pagesRead({ state: 'outdated' }, scope)).toBeLessThan(10_000);
    const { items } = await list({ state: 'outdated' }, scope);
    expect(new Set(items.map(({ space }) => space))).toEqual(new Set(['team-05']));
  });

  it('states that a reader may not see end a page after a bounded number of versions', async () => {
    const [row] = await database.query<{ ids: number[] }>(
      "SELECT array_agg(id) AS ids FROM spaces WHERE name <> 'lib'",
    );
    const scope = { all: false, internal: false, spaceIds: row?.ids ?? [] };
    const { items, next } = await list({ state: 'outdated', highestOnly: false }, scope);
    expect(items).toEqual([]);
    expect(next?.space).toBe('team-09');
  });

  it('a publication is acted on in batches, and touches what uses its chart alone', async () => {
    const before = await database.query<{ n: number }>(
      'SELECT count(*) AS n FROM composed_states WHERE state = $1',
      ['outdated'],
    );
    await database.query(
      `INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
       SELECT chart_id, '1.999.0', '011.03999.010~', digest, 1, '{}', '{}' FROM versions v JOIN charts c ON c.id = v.chart_id
        WHERE c.name = 'base-8' LIMIT 1`,
    );
    await consumeEvents(database, [markStates], (_, error) => expect.fail(String(error)));
    const [marked] = await database.query<{ n: number }>('SELECT count(*) AS n FROM state_work');
    const [users] = await database.query<{ n: number }>(
      "SELECT count(DISTINCT version_id) AS n FROM lineage_sources WHERE space = 'lib' AND chart = 'base-8'",
    );
    expect(marked?.n).toBeGreaterThan(0);
    expect(marked).toEqual(users);
    expect(await updateKeptStates(database)).toBe(marked?.n);
    const after = await database.query<{ n: number }>(
      'SELECT count(*) AS n FROM composed_states WHERE state = $1',
      ['outdated'],
    );
    expect(after[0]?.n).toBeGreaterThan(before[0]?.n ?? 0);
  });
});
