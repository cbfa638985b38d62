import { describe, expect, it } from 'vitest';
import { fullReadScope } from '../core/access/decide.ts';
import { type ChartFilter, chartSorts, listChartDetails } from '../core/details/list-charts.ts';
import { listVersionDetails, type VersionFilter } from '../core/details/list-versions.ts';
import { fillDetails } from './support/detail-rows.ts';
import { usePlanDatabase } from './support/plan-database.ts';
import { countPages, listNodes, listScans } from './support/query-plans.ts';

describe('lists with details, in a registry of 100,000 versions', () => {
  const { db, explain } = usePlanDatabase(async (database) => {
    await fillDetails(database, { space: 'lib', charts: 9_500, versions: 10 });
    await fillDetails(database, { space: 'deep', charts: 1, versions: 5_000 });
    await database.query('VACUUM ANALYZE');
  });

  const page = { start: 20, limit: 50 };
  const charts = (filter: ChartFilter) =>
    listChartDetails({ db, suggestible: fullReadScope }, 'lib', filter, page);
  const versions = (filter: VersionFilter) =>
    listVersionDetails(
      { db, suggestible: fullReadScope },
      { space: 'deep', chart: 'chart-00001' },
      filter,
      page,
    );
  /** Tables that have many rows here. */
  const large = ['charts', 'chart_details', 'versions'];
  const explainPage = (list: () => Promise<{ items: unknown[] }>) =>
    explain(async () => expect((await list()).items).toHaveLength(page.limit));

  it.each(chartSorts.flatMap((sort) => [[sort, 'asc'] as const, [sort, 'desc'] as const]))(
    'a page of charts by %s, %s, reads its rows alone',
    async (sort, order) => {
      const plans = await explainPage(() => charts({ sort, order }));
      expect(listScans(large, plans)).toEqual([]);
      expect(countPages(plans)).toBeLessThan(1_500);
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
      const plans = await explainPage(() => charts(filter));
      const read = plans.flatMap(listNodes).filter((node) => node['Relation Name'] === 'versions');
      for (const node of read)
        expect(node['Actual Rows'] * node['Actual Loops']).toBeLessThanOrEqual(page.limit);
      expect(countPages(plans)).toBeLessThan(4_000);
    },
  );

  it.each<VersionFilter>([{}, { order: 'asc' }, { sort: 'created' }, { sort: 'created', order: 'asc' }])(
    'a page of 5,000 versions with %j reads its rows alone',
    async (filter) => {
      const plans = await explainPage(() => versions(filter));
      expect(listScans(large, plans)).toEqual([]);
      expect(countPages(plans)).toBeLessThan(1_000);
    },
  );

  it('a range reads the versions within its bounds', async () => {
    const plans = await explainPage(() => versions({ range: '>=1.100.0 <1.200.0' }));
    const most = Math.max(
      ...plans
        .flatMap(listNodes)
        .filter((node) => node['Relation Name'] === 'versions')
        .map((node) => node['Actual Rows']),
    );
    expect(most).toBeLessThanOrEqual(101);
    expect(countPages(plans)).toBeLessThan(2_000);
  });
});
