import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { defaultChartLimits as limits } from '../archive/limits.ts';
import type { Chart } from '../chart/chart.ts';
import { readChart, summarizeArchive } from '../chart/read-chart.ts';
import { digestOf, makeChart, makePlan } from './compose.fixture.ts';
import { composePlan } from './compose.ts';
import type { PlannedPart } from './plan.ts';

const leaf = (version: string) => makeChart({ name: 'leaf', version });
const overlapping = [
  { name: 'leaf', version: '^1', alias: 'a', condition: 'a.on' },
  { name: 'leaf', version: '>=1', alias: 'b', repository: 'https://charts.test' },
];
const partOf = (
  chart: Chart,
  entries: [name: string, range: string][],
  parts?: PlannedPart[],
): PlannedPart => ({
  source: {
    kind: 'stored',
    space: 'lib',
    chart: chart.name,
    version: chart.version,
    digest: digestOf(chart),
  },
  entries: entries.map(([name, range]) => ({ name, range })),
  ...(parts ? { parts } : {}),
});
const leaves = [partOf(leaf('1.5.0'), [['a', '^1']]), partOf(leaf('2.0.0'), [['b', '>=1']])];

/** Composes a root with parts, and reads the archive as an upload would. */
async function compose(root: Chart, parts: PlannedPart[], others: Chart[]): Promise<Chart> {
  const { plan, sources } = makePlan({ chart: root, keep: true });
  for (const chart of others) sources.set(digestOf(chart), chart);
  const archive = await composePlan({ ...plan, root: { ...plan.root, parts } }, sources, limits);
  await summarizeArchive(archive, limits);
  return readChart(Readable.from([archive]), limits);
}

describe('a chart with missing parts', () => {
  it('an entry that would mean two charts gets the exact version of its own', async () => {
    const root = makeChart({ name: 'web', dependencies: overlapping });
    const chart = await compose(root, leaves, [leaf('1.5.0'), leaf('2.0.0')]);
    expect(chart.subcharts.map(({ version }) => version)).toEqual(['1.5.0', '2.0.0']);
    expect(chart.dependencies).toEqual([
      { name: 'leaf', version: '^1', alias: 'a', condition: 'a.on' },
      { name: 'leaf', version: '2.0.0', alias: 'b', repository: 'file://charts/leaf-2.0.0' },
    ]);
  });

  it.each(['v1', 'v2'] as const)('a part gets it too, and keeps its other files: %s', async (apiVersion) => {
    const mid = makeChart({
      name: 'mid',
      apiVersion,
      dependencies: overlapping,
      files: { 'Chart.lock': 'digest: x\n' },
    });
    const root = makeChart({ name: 'web', dependencies: [{ name: 'mid', version: '1.0.0' }] });
    const chart = await compose(
      root,
      [partOf(mid, [['mid', '1.0.0']], leaves)],
      [mid, leaf('1.5.0'), leaf('2.0.0')],
    );
    expect(chart.subcharts[0]?.dependencies).toEqual([
      { name: 'leaf', version: '^1', alias: 'a', condition: 'a.on' },
      { name: 'leaf', version: '2.0.0', alias: 'b', repository: 'https://charts.test' },
    ]);
    expect(chart.subcharts[0]?.subcharts.map(({ version }) => version)).toEqual(['1.5.0', '2.0.0']);
  });

  it('a part whose entries are clear stays byte for byte', async () => {
    const mid = makeChart({
      name: 'mid',
      dependencies: [{ name: 'leaf', version: '^2', repository: 'https://charts.test' }],
      files: { 'Chart.lock': 'digest: x\n' },
    });
    const root = makeChart({ name: 'web', dependencies: [{ name: 'mid', version: '*' }] });
    const parts = [partOf(mid, [['mid', '*']], [partOf(leaf('2.0.0'), [['leaf', '^2']])])];
    const chart = await compose(root, parts, [mid, leaf('2.0.0')]);
    expect(chart.subcharts[0]?.files).toEqual(mid.files);
    expect(chart.subcharts[0]?.subcharts[0]?.files).toEqual(leaf('2.0.0').files);
  });
});
