import { describe, expect, it } from 'vitest';
import { fullReadScope, publicReadScope, type ReadScope } from '../core/access/decide.ts';
import { searchCharts } from '../core/registry/search.ts';
import { catchUpSearch } from '../core/registry/search-catch-up.ts';
import type { ChartQuery } from '../core/registry/search-query.ts';
import { fillCatalog } from './support/catalog-rows.ts';
import { usePlanDatabase } from './support/plan-database.ts';
import { countRows, listNodes } from './support/query-plans.ts';

const versions = 100_000;
const page = { start: 0, limit: 10 };

describe(`searches among ${versions} versions, ten of each chart`, () => {
  const { database, db, explain } = usePlanDatabase(async (empty) => {
    await fillCatalog(empty, { versions });
    await empty.query(
      `WITH chart AS (
         INSERT INTO charts (space_id, name) SELECT id, 'unicorn' FROM spaces WHERE name = 'small' RETURNING id
       )
       INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
       SELECT id, '1.0.0', '1', 'sha256:' || repeat('0', 64), 1, '{"keywords": ["rainbow"], "description": "glitter"}', '{}' FROM chart`,
    );
    await empty.query(`UPDATE spaces SET visibility = 'public' WHERE name = 'small'`);
    await catchUpSearch(empty, Number.POSITIVE_INFINITY);
    await empty.query('VACUUM ANALYZE charts, versions, chart_search, search_words, search_updates');
  });

  /** Counts the rows of tables and indexes that a search examined, by table. */
  async function rowsRead(query: ChartQuery, scope: ReadScope): Promise<Map<string, number>> {
    const plans = await explain(() => searchCharts(db, query, page, scope));
    const read = new Map<string, number>();
    for (const node of plans.flatMap(listNodes)) {
      const table = node['Relation Name'] ?? node['Node Type'];
      read.set(table, (read.get(table) ?? 0) + countRows(node));
    }
    return read;
  }

  it.each<[string, ChartQuery, ReadScope, number]>([
    ['a word of a description', { text: 'glitt' }, fullReadScope, 10],
    ['a name', { text: 'unicorn' }, fullReadScope, 10],
    ['a name with a typing error', { text: 'unicron' }, fullReadScope, 10],
    ['a keyword with a typing error', { text: 'rianbow' }, fullReadScope, 10],
    ['a word that is nowhere', { text: 'qqqqwwww' }, fullReadScope, 10],
    ['a name and facets', { text: 'unicorn', facets: true }, fullReadScope, 10],
    ['a rare keyword', { keyword: 'key399' }, fullReadScope, 60],
    ['charts that changed lately', { since: new Date(Date.now() - 50 * 60_000) }, fullReadScope, 120],
    ['a small space', { space: 'small' }, fullReadScope, 40],
    ['all charts of a reader of a small space', {}, publicReadScope, 40],
    ['facets of a reader of a small space', { facets: true }, publicReadScope, 40],
    ['a text of a reader of a small space', { text: 'glitter', facets: true }, publicReadScope, 40],
  ])('%s costs by what is found', async (_, query, scope, most) => {
    const read = await rowsRead(query, scope);
    expect(read.get('chart_search') ?? 0).toBeLessThanOrEqual(most);
    expect(read.get('search_words') ?? 0).toBeLessThanOrEqual(10);
    expect(read.get('search_updates') ?? 0).toBeLessThanOrEqual(most);
    expect(read.get('versions') ?? 0).toBeLessThanOrEqual(20);
  });

  it('a page of all charts, in any order, reads the versions of its charts alone', async () => {
    for (const query of [
      {},
      { sort: 'updated' },
      { sort: 'name', order: 'desc' },
      { facets: true },
    ] as const) {
      const read = await rowsRead(query, fullReadScope);
      expect(read.get('versions')).toBeLessThanOrEqual(20);
      expect(read.get('chart_search')).toBeLessThanOrEqual(versions / 10 + 1);
    }
  });

  it('finds the chart that was meant', async () => {
    const found = await searchCharts(database, { text: 'unicron' }, page);
    expect(found).toMatchObject({ total: 1, corrected: 'unicorn', items: [{ chart: 'unicorn' }] });
  });
});
