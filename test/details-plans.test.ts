import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readsAll } from '../core/access/decide.ts';
import type { Database } from '../core/db/port.ts';
import { type ChartFilter, chartSorts, listChartDetails } from '../core/details/list-charts.ts';
import { listVersionDetails, type VersionFilter } from '../core/details/list-versions.ts';
import { fillDetails } from './support/detail-rows.ts';
import { createTestDatabase, type TestDatabase } from './support/postgres.ts';
import { listNodes, type PlanNode, type QueryRecorder, recordQueries } from './support/query-plans.ts';

describe('lists with details, in a registry of 100,000 versions', () => {
  let database: TestDatabase;
  let recorder: QueryRecorder;
  let db: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    recorder = recordQueries(database.db);
    db = recorder.db;
    await fillDetails(database.db, { space: 'lib', charts: 9_500, versions: 10 });
    await fillDetails(database.db, { space: 'deep', charts: 1, versions: 5_000 });
    await database.db.query('VACUUM ANALYZE');
  }, 300_000);
  afterAll(() => database.drop());

  const page = { start: 20, limit: 50 };
  const charts = (filter: ChartFilter) =>
    listChartDetails({ db, suggestible: readsAll }, 'lib', filter, page);
  const versions = (filter: VersionFilter) =>
    listVersionDetails({ db, suggestible: readsAll }, { space: 'deep', chart: 'chart-00001' }, filter, page);
  const pagesRead = (plans: readonly PlanNode[]) =>
    plans.reduce((sum, plan) => sum + plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], 0);
  /** Lists the tables of charts and versions that are read as a whole; others are empty here. */
  const scansOf = (plans: readonly PlanNode[]) =>
    plans
      .flatMap(listNodes)
      .filter((node) => node['Node Type'] === 'Seq Scan')
      .map((node) => node['Relation Name'])
      .filter((table) => table !== undefined && ['charts', 'chart_details', 'versions'].includes(table));
  const explain = (list: () => Promise<{ items: unknown[] }>) =>
    recorder.explain(async () => expect((await list()).items).toHaveLength(page.limit));

  it.each(chartSorts.flatMap((sort) => [[sort, 'asc'] as const, [sort, 'desc'] as const]))(
    'a page of charts by %s, %s, reads its rows alone',
    async (sort, order) => {
      const plans = await explain(() => charts({ sort, order }));
      expect(scansOf(plans)).toEqual([]);
      expect(pagesRead(plans)).toBeLessThan(1_500);
    },
  );

  it.each<ChartFilter>([
    { q: 'CHART-00' },
    { keyword: 'one', sort: 'updated', order: 'desc' },
    { deprecated: true },
    { signed: true, sort: 'versions' },
    { since: new Date(0), type: 'library' },
  ])(
    'a page of the charts with %j counts rows of charts, and reads versions of the page alone',
    async (filter) => {
      const plans = await explain(() => charts(filter));
      const read = plans.flatMap(listNodes).filter((node) => node['Relation Name'] === 'versions');
      for (const node of read)
        expect(node['Actual Rows'] * node['Actual Loops']).toBeLessThanOrEqual(page.limit);
      expect(pagesRead(plans)).toBeLessThan(4_000);
    },
  );

  it.each<VersionFilter>([{}, { order: 'asc' }, { sort: 'created' }, { sort: 'created', order: 'asc' }])(
    'a page of 5,000 versions with %j reads its rows alone',
    async (filter) => {
      const plans = await explain(() => versions(filter));
      expect(scansOf(plans)).toEqual([]);
      expect(pagesRead(plans)).toBeLessThan(1_000);
    },
  );

  it('a range reads the versions within its bounds', async () => {
    const plans = await explain(() => versions({ range: '>=1.100.0 <1.200.0' }));
    const most = Math.max(
      ...plans
        .flatMap(listNodes)
        .filter((node) => node['Relation Name'] === 'versions')
        .map((node) => node['Actual Rows']),
    );
    expect(most).toBeLessThanOrEqual(101);
    expect(pagesRead(plans)).toBeLessThan(2_000);
  });
});
