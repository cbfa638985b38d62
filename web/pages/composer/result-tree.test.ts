import type { Metadata, Plan, StoredSource } from '@helm-registry/client';
import { expect, it } from 'vitest';
import { countResultCharts, listResultCharts } from './result-tree.ts';

const stored = (chart: string, version: string): StoredSource => ({
  kind: 'stored',
  space: 'lib',
  chart,
  version,
  digest: 'sha256:0',
});
const chart = (name: string, version: string, ...dependencies: Metadata[]): Metadata => ({
  name,
  version,
  ...(dependencies.length > 0 && { dependencies }),
});

const plan: Plan = {
  space: 'shop',
  chart: 'mall',
  version: '1.0.0',
  values: 'merge',
  root: {
    source: stored('web', '1.2.0'),
    keep: true,
    parts: [{ source: stored('cache', '3.1.0'), entries: [{ name: 'cache', range: '3.x' }] }],
    children: [
      { name: 'db', node: { source: stored('postgresql', '2.0.0'), children: [] } },
      {
        name: 'queue',
        node: { source: { kind: 'subchart', chart: 'rabbit', version: '4.0.0' }, children: [] },
      },
      { name: 'log', node: { source: { kind: 'subchart', chart: 'log', version: '5.0.0' }, children: [] } },
    ],
  },
};

it('charts inside are named with their source, or why they are there', () => {
  const metadata = chart(
    'mall',
    '1.0.0',
    chart('cache', '3.1.0', chart('common', '1.0.0')),
    chart('cache', '9.0.0'),
    chart('db', '2.0.0', chart('common', '1.0.0')),
    chart('log', '5.0.0'),
    chart('queue', '4.0.0'),
  );
  const common = { name: 'common', version: '1.0.0', origin: 'kept', charts: [] };
  const charts = listResultCharts({ metadata, plan });
  expect(charts).toEqual([
    { name: 'cache', version: '3.1.0', origin: 'resolved from lib/cache', charts: [common] },
    { name: 'cache', version: '9.0.0', origin: 'kept', charts: [] },
    { name: 'db', version: '2.0.0', origin: 'from lib/postgresql', charts: [common] },
    { name: 'log', version: '5.0.0', origin: 'from inside', charts: [] },
    { name: 'queue', version: '4.0.0', origin: 'from rabbit inside', charts: [] },
  ]);
  expect(countResultCharts(charts)).toBe(7);
});

it('a chart without charts inside has an empty list', () => {
  expect(listResultCharts({ metadata: chart('mall', '1.0.0'), plan })).toEqual([]);
});
