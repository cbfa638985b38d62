import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseYamlMap } from '../../core/yaml/yaml.ts';
import { type ChartTree, type Composition, valuesFileOf } from '../support/helm/composition.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { expectEqual } from '../support/helm/expect-equal.ts';
import { lintCharts, renderPair } from '../support/helm/render.ts';
import { base, cache, db, leaf, old, openSmallWorkshop, shop } from '../support/helm/small-charts.ts';
import type { Pair, Workshop } from '../support/helm/workshop.ts';

const over = (children: Record<string, ChartTree>, config?: ChartTree['config']): ChartTree => ({
  source: 'umbrella',
  ...(config ? { config } : {}),
  children,
});

/** Umbrellas: each over other charts, nested, twice the same, a library, with configuration at every level. */
const umbrellas: Composition[] = [
  { chart: 'over-one', root: over({ leaf: leaf() }) },
  { chart: 'over-all', root: over(shop().children ?? {}) },
  { chart: 'over-a-library', root: over({ base: base() }) },
  { chart: 'over-twins', root: over({ one: cache(), two: cache(), 'a-shop': shop() }) },
  {
    chart: 'configured',
    root: over(
      {
        db: { ...db(), config: { auth: { password: 'known' }, pool: { max: 3 } } },
        hot: { ...cache(), config: { memory: 256 } },
        old: old(),
        leaf: leaf(),
      },
      {
        global: { labels: { tier: 'Grüße' }, storage: { class: 'fast' } },
        own: 'value',
        db: { leaf: { size: 5 } },
        old: { octal: '0644' },
      },
    ),
  },
];

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openSmallWorkshop();
});
afterAll(() => workshop?.close());

describeHelms('an umbrella', (helm) => {
  let pairs: Map<string, Pair>;
  beforeAll(async () => {
    pairs = await workshop.pair(helm, umbrellas);
  });

  it.each(umbrellas)(
    'the umbrella $chart renders as the same dependencies of an empty chart',
    async ({ chart, root }) => {
      const file = join(workshop.folder, `${chart}-${helm.major}.json`);
      await writeFile(file, JSON.stringify(valuesFileOf(root)));
      const pair = pairs.get(chart) ?? { composed: '', own: '' };
      const given = ['--set', 'global.databases=false,global.storage.size=7'];
      for (const args of [[], given]) {
        const rendered = await renderPair(helm, pair, workshop.folder, {
          own: ['-f', file, ...args],
          composed: args,
        });
        expect(rendered.differences).toEqual([]);
        // A library alone renders nothing.
        if (chart !== 'over-a-library') expectEqual(rendered);
      }
    },
  );

  it('an umbrella is linted as an empty chart with the same dependencies', async () => {
    const all = [...pairs.values()];
    const messages = await lintCharts(
      helm,
      all.flatMap(({ composed, own }) => [composed, own]),
      workshop.folder,
    );
    for (const { composed, own } of all) expect(messages.get(composed)).toBe(messages.get(own));
  });

  it('an umbrella has nothing of its own but Chart.yaml and values.yaml', async () => {
    const folder = await mkdtemp(join(workshop.folder, 'files-'));
    const { composed } = pairs.get('configured') ?? { composed: '' };
    execFileSync('tar', ['-xzf', composed, '-C', folder]);
    const own = execFileSync('tar', ['-tzf', composed], { encoding: 'utf8' })
      .split('\n')
      .filter((path) => path !== '' && !path.startsWith('configured/charts/'));
    expect(own.sort()).toEqual(['configured/Chart.yaml', 'configured/values.yaml']);
    const text = await readFile(join(folder, 'configured', 'Chart.yaml'), 'utf8');
    expect(parseYamlMap(text, { file: 'Chart.yaml', code: 'chart.invalid' })).toEqual({
      apiVersion: 'v2',
      name: 'configured',
      version: '7.0.0',
      dependencies: [
        { name: 'db', version: '2.1.0+build.7' },
        { name: 'hot', version: '3.0.0-rc.1' },
        { name: 'leaf', version: '0.3.1' },
        { name: 'old', version: '1.9.0' },
      ],
    });
  });
});
