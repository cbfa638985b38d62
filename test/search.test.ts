import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Database } from '../core/db/port.ts';
import { searchCharts, searchParams, searchStatement } from '../core/registry/search.ts';
import { createTestDatabase, type TestDatabase } from './support/postgres.ts';

const page = { start: 0, limit: 10 };
const plan = z.tuple([
  z.object({
    'QUERY PLAN': z.tuple([
      z.object({ Plan: z.looseObject({ 'Shared Hit Blocks': z.int(), 'Shared Read Blocks': z.int() }) }),
    ]),
  }),
]);

describe('among 10,000 charts, one of them with 100,000 versions', () => {
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
    // A statement at a time stays short, however busy the machine is.
    for (let from = 100_000; from < 200_000; from += 10_000)
      await db.query(
        `INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
         SELECT c.id, '2.0.' || n, '2' || n, 'sha256:' || repeat('0', 64), 1,
                jsonb_build_object('description', 'haystack ' || n), '{}'
           FROM charts c, generate_series($1::int, $1 + 9999) n WHERE c.name = 'chart-77'`,
        [from],
      );
    await db.query('ANALYZE versions, charts, chart_search');
  });
  afterAll(() => database.drop());

  it('the latest version is found, and no other', async () => {
    const { total, items } = await searchCharts(db, 'haystack', 'deep', page);
    expect(items.map(({ chart, version }) => [chart, version])).toEqual([['chart-77', '2.0.199999']]);
    expect(total).toBe(1);
    expect((await searchCharts(db, '150000', undefined, page)).total).toBe(0);
  });

  it('it is found by the indexes, and no version is read but those that are shown', async () => {
    const explained = plan.parse(
      await db.query(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${searchStatement}`,
        searchParams(['haystack'], 'haystack', undefined, page),
      ),
    );
    const root = explained[0]['QUERY PLAN'][0].Plan;
    expect(root['Shared Hit Blocks'] + root['Shared Read Blocks']).toBeLessThan(100);
    const text = JSON.stringify(root);
    for (const index of ['chart_search_by_word', 'chart_search_by_name', 'versions_pkey'])
      expect(text).toContain(index);
    expect(text).not.toContain('Seq Scan');
  });

  it('a chart is deleted with all its versions, and is found no more', async () => {
    await db.query(`DELETE FROM charts WHERE name = 'chart-77'`);
    expect((await searchCharts(db, 'haystack', undefined, page)).total).toBe(0);
    expect((await searchCharts(db, 'one chart', undefined, page)).total).toBe(9_999);
  });
});
