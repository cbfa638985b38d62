import { afterAll, beforeAll, expect, it } from 'vitest';
import { parsePick } from '../core/recipe/version-pick.ts';
import { pickVersion } from '../core/registry/pick-version.ts';
import { dependentsOf } from './support/answers.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

// A chart of a hundred thousand versions, each composed of its first one.
let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
  const { db } = registry;
  await registry.upload('many', { name: 'web', version: '0.0.1' });
  // Insert in parts: one statement would hold up a busy machine for too long.
  for (let from = 0; from < 100_000; from += 20_000)
    await db.query(
      `WITH made AS (
       INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, values, entry)
       SELECT c.id, '1.0.' || n, '011.010.' || lpad(length(n::text)::text, 2, '0') || n || '~', v.digest, 1, '{}', '{}', '{}'
         FROM generate_series($1::int + 1, $1::int + 20000) n, charts c JOIN versions v ON v.chart_id = c.id AND v.version = '0.0.1'
         JOIN spaces s ON s.id = c.space_id WHERE s.name = 'many'
       RETURNING id, digest
     ), kept AS (
       INSERT INTO lineage (version_id, job_id, digest, recipe, plan, sources)
       SELECT id, gen_random_uuid(), digest, '{}', '{}', '[]' FROM made RETURNING version_id, digest
     )
     INSERT INTO lineage_sources SELECT 'many', 'web', '0.0.1', version_id, digest FROM kept`,
      [from],
    );
  await db.query('ANALYZE versions, lineage, lineage_sources');
});
afterAll(() => registry.close());

it('a page of dependents among a hundred thousand versions reads only its rows', async () => {
  const { db } = registry;
  const page = await dependentsOf(await registry.api('/spaces/many/charts/web/versions/0.0.1/dependents'));
  expect(page.metadata).toEqual({ total: 10_000, itemsLength: 10 });
  const [plan] = await db.query<{
    'QUERY PLAN': { Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }[];
  }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)
     SELECT s.name, c.name, v.version, l.digest
       FROM (SELECT version_id, digest FROM lineage_sources
              WHERE space = 'many' AND chart = 'web' AND version = '0.0.1'
              ORDER BY version_id DESC OFFSET 0 LIMIT 10) l
            JOIN versions v ON v.id = l.version_id JOIN charts c ON c.id = v.chart_id
            JOIN spaces s ON s.id = c.space_id
      ORDER BY l.version_id DESC`,
  );
  const root = plan?.['QUERY PLAN'][0]?.Plan;
  expect((root?.['Shared Hit Blocks'] ?? 1e9) + (root?.['Shared Read Blocks'] ?? 1e9)).toBeLessThan(200);
  const [one] = await db.query<{ 'QUERY PLAN': unknown }>(
    `EXPLAIN (FORMAT JSON) SELECT l.recipe FROM lineage l JOIN versions v ON v.id = l.version_id
       JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE s.name = 'many' AND c.name = 'web' AND v.version = '1.0.77'`,
  );
  expect(JSON.stringify(one)).toContain('lineage_pkey');
  expect(JSON.stringify(one)).not.toMatch(/Seq Scan","[^}]*"Relation Name":"(lineage|versions)"/);
});

it('a range among a hundred thousand versions is searched from its upper end by the index', async () => {
  const { db } = registry;
  const queries: number[] = [];
  let last: { sql: Parameters<typeof db.query>[0]; params: readonly unknown[] } = { sql: '', params: [] };
  const counting = {
    query: async <T extends object>(sql: Parameters<typeof db.query>[0], params: readonly unknown[] = []) => {
      const rows = await db.query<T>(sql, params);
      queries.push(rows.length);
      last = { sql, params };
      return rows;
    },
  };
  const find = async (range: string) => {
    queries.length = 0;
    const pick = parsePick(range);
    return pick && pickVersion(counting, { space: 'many', chart: 'web' }, pick);
  };
  expect(await find('^1')).toBe('1.0.100000');
  expect(await find('latest')).toBe('1.0.100000');
  expect(await find('<1.0.500')).toBe('1.0.499');
  expect(await find('<1')).toBe('0.0.1');
  expect(queries).toHaveLength(1);
  expect(await find('^2')).toBeUndefined();
  expect(queries).toEqual([0]);
  await find('<1.0.3500');
  const [plan] = await db.query(`EXPLAIN (FORMAT JSON) ${last.sql}`, last.params);
  const text = JSON.stringify(plan);
  expect(text).toContain('versions_by_precedence');
  expect(text).toContain('Backward');
  // Only the rows of the page are sorted.
  expect(text.slice(text.indexOf('"Limit"'))).not.toMatch(/"Sort"|Seq Scan/);
  expect(text).toMatch(/Index Cond":"[^"]*ROW\(/);
});
