import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database, Queryable } from '../core/db/port.ts';
import { searchCharts } from '../core/registry/search.ts';
import { catchUpSearch } from '../core/registry/search-catch-up.ts';
import { createTestDatabase, type TestDatabase } from './support/postgres.ts';
import { listNodes, recordQueries } from './support/query-plans.ts';

const page = { start: 0, limit: 10 };

describe('a search among 10,000 charts, one of them with 100,000 versions', () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = database.db;
    await db.query(`INSERT INTO spaces (name) VALUES ('deep')`);
    await db.query(
      `WITH made AS (
         INSERT INTO charts (space_id, name) SELECT s.id, 'chart-' || n FROM spaces s, generate_series(1, 10000) n
         RETURNING id, name
       )
       INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
       SELECT id, '1.0.0', '1', 'sha256:' || repeat('0', 64), 1,
              jsonb_build_object('description', 'About ' || name, 'keywords', ARRAY['one', name || 'key']), '{}'
         FROM made`,
    );
    // Insert in parts, so that each statement is short also on a busy machine.
    for (let from = 100_000; from < 200_000; from += 10_000)
      await db.query(
        `INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
         SELECT c.id, '2.0.' || n, '2' || n, 'sha256:' || repeat('0', 64), 1,
                jsonb_build_object('description', 'haystack ' || n), '{}'
           FROM charts c, generate_series($1::int, $1 + 9999) n WHERE c.name = 'chart-77'`,
        [from],
      );
    await catchUpSearch(db, Number.POSITIVE_INFINITY);
    // The full-text index keeps what is new in a list, until a VACUUM, by whose time the pages of a search differ.
    await db.query('VACUUM (ANALYZE) versions, charts, chart_search');
  });
  afterAll(() => database.drop());

  it('a search finds the latest version of 100,000, and no other', async () => {
    const { total, items } = await searchCharts(db, { text: 'haystack', space: 'deep' }, page);
    expect(items.map(({ chart, version }) => [chart, version])).toEqual([['chart-77', '2.0.199999']]);
    expect(total).toBe(1);
    expect((await searchCharts(db, { text: '150000' }, page)).total).toBe(0);
  });

  it('a search among 10,000 charts uses the indexes, and reads the shown versions only', async () => {
    const recorder = recordQueries(db);
    const plans = await recorder.explain(() => searchCharts(recorder.db, { text: 'haystack' }, page));
    // A description alone has the word, so typing errors are looked for too: some blocks for each of 550 candidates.
    const blocks = plans.map((root) => root['Shared Hit Blocks'] + root['Shared Read Blocks']);
    expect(blocks).toHaveLength(2);
    expect(blocks[0]).toBeLessThan(250);
    expect(blocks[1]).toBeLessThan(2_500);
    const types = plans.flatMap(listNodes).map((node) => node['Node Type']);
    expect(types).toContain('Bitmap Index Scan');
    expect(types).not.toContain('Seq Scan');
  });

  it('a search does not find a deleted chart', async () => {
    await db.query(`DELETE FROM charts WHERE name = 'chart-77'`);
    expect((await searchCharts(db, { text: 'haystack' }, page)).total).toBe(0);
    expect((await searchCharts(db, { text: 'one chart' }, page)).total).toBe(9_999);
  });
});

describe('a search during writes', () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = database.db;
    await db.query(`INSERT INTO spaces (name) VALUES ('busy')`);
  });
  afterAll(() => database.drop());

  const write = (to: Queryable, chart: string, number: number, description: string) =>
    to.query(
      `WITH chart AS (
         INSERT INTO charts (space_id, name, version_count) SELECT id, $1, 1 FROM spaces
         ON CONFLICT (space_id, name) DO UPDATE SET version_count = charts.version_count + 1 RETURNING id
       )
       INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
       SELECT id, '1.0.' || $2::int, lpad($2::text, 5, '0'), 'sha256:' || encode(sha256(($1::text || $2::int)::bytea), 'hex'), 1,
              jsonb_build_object('description', $3::text), '{}' FROM chart`,
      [chart, number, description],
    );
  const find = async (words: string) =>
    (await searchCharts(db, { text: words, space: 'busy' }, page)).items.map(
      ({ chart, version }) => `${chart} ${version}`,
    );

  it('a search waits for no writer, and sees writes after their commit', async () => {
    for (const chart of ['kept', 'added-to', 'deleted']) await write(db, chart, 1, 'steady');
    await db.transaction(async (writer) => {
      await write(writer, 'added-to', 2, 'fresh');
      await db.transaction(async (deleter) => {
        await write(db, 'deleted', 2, 'steady');
        await deleter.query(`DELETE FROM charts WHERE name = 'deleted'`);
        expect(await find('steady')).toEqual(['added-to 1.0.1', 'kept 1.0.1']);
        await write(db, 'kept', 2, 'steady still');
        expect(await find('still')).toEqual(['kept 1.0.2']);
      });
      expect(await find('steady')).toEqual(['added-to 1.0.1', 'kept 1.0.2']);
      expect(await find('fresh')).toEqual([]);
    });
    expect(await find('fresh')).toEqual(['added-to 1.0.2']);
    expect(await find('steady')).toEqual(['kept 1.0.2']);
    expect(await db.query('SELECT FROM search_pending')).toEqual([]);
  });

  it('a search sees neither uncommitted nor rolled-back writes', async () => {
    await write(db, 'undecided', 1, 'first');
    const undone = new Error('undone');
    const rolledBack = db.transaction(async (tx) => {
      await tx.query(`DELETE FROM charts WHERE name = 'undecided'`);
      await write(tx, 'undecided', 2, 'second');
      expect(await find('second')).toEqual([]);
      throw undone;
    });
    await expect(rolledBack).rejects.toBe(undone);
    expect(await find('first')).toEqual(['undecided 1.0.1']);
    expect(await find('second')).toEqual([]);
  });

  it('a search loses no write of concurrent writers', async () => {
    const charts = ['a', 'b', 'c', 'd'];
    const last = 60;
    let writing = true;
    const searching = Promise.all(
      [1, 2, 3].map(async () => {
        while (writing) await find('counted');
      }),
    );
    await Promise.all(
      charts.map(async (chart) => {
        for (let number = 1; number <= last; number++) {
          await write(db, chart, number, `counted ${chart}${number}`);
          expect(await find(`${chart}${number}`)).toEqual([`${chart} 1.0.${number}`]);
        }
      }),
    );
    writing = false;
    await searching;
    expect(await find('counted')).toEqual(charts.map((chart) => `${chart} 1.0.${last}`));
    expect(await db.query('SELECT FROM search_pending')).toEqual([]);
  });

  it('a search sees all pending writes, also when they are more than one batch', async () => {
    await db.query(
      `WITH made AS (
         INSERT INTO charts (space_id, name) SELECT s.id, 'many-' || n FROM spaces s, generate_series(1, 1200) n
         RETURNING id
       )
       INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
       SELECT id, '1.0.0', '1', 'sha256:' || repeat('0', 64), 1, '{"description": "crowd"}', '{}' FROM made`,
    );
    expect((await searchCharts(db, { text: 'crowd' }, page)).total).toBe(1200);
    await db.query(`DELETE FROM spaces WHERE name = 'busy'`);
    expect((await searchCharts(db, { text: 'crowd' }, page)).total).toBe(0);
    expect(await db.query('SELECT FROM search_pending')).toEqual([]);
  });
});
