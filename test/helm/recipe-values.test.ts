import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import type { JsonObject } from '../../core/yaml/json.ts';
import { type ChartTree, type Composition, valuesFileOf } from '../support/helm/composition.ts';
import { describeHelms } from '../support/helm/describe-helms.ts';
import { expectEqual } from '../support/helm/expect-equal.ts';
import { renderPair } from '../support/helm/render.ts';
import { openSmallWorkshop, shop } from '../support/helm/small-charts.ts';
import type { Pair, Workshop } from '../support/helm/workshop.ts';

/**
 * What a recipe configures, which a user would give Helm in a file. Left out is where Helm heeds a null of a user's by
 * halves: one for a global in the root only, since the subcharts have their copies by then, and one for a value that a
 * parent imports after it was imported. So is null within a map of a chart's own values, which Helm 4 keeps when a user
 * speaks of the chart, and drops when its parent does.
 */
const configured: { name: string; configs: Record<string, JsonObject> }[] = [
  { name: 'the root', configs: { '': { replicas: 9, pool: { min: 4, more: [1] }, tags: { rare: true } } } },
  {
    name: 'the root, about what lies below',
    configs: {
      '': {
        db: { auth: { user: 'above' }, leaf: { size: 31, tree: { a: 'x' } } },
        global: { databases: true, labels: { from: 'root' } },
        strict: { mode: 'safe' },
      },
    },
  },
  {
    name: 'every level, the nearer winning',
    configs: {
      '': { db: { port: 1, leaf: { size: 1, list: ['root'] } }, global: { storage: { class: 'root' } } },
      db: { port: 2, leaf: { size: 2 }, global: { storage: { size: 'db' } } },
      'db/leaf': { size: 3, base: { suffix: 'leaf' } },
      'hot/store': { list: [{ a: [] }], tree: { b: { c: 'é', z: {} } } },
      'old/twig': { enabled: true, tree: { a: 1.5 } },
      extras: { weight: -3 },
    },
  },
  {
    name: 'null',
    configs: {
      '': { replicas: null, cold: { memory: null } },
      db: { auth: { user: null } },
      'db/leaf': { list: null },
      'hot/store': { tree: null },
      old: { octal: null },
      'old/twig': { size: null },
    },
  },
  {
    name: 'conditions',
    configs: { '': { hot: { enabled: false } }, db: { enabled: false }, 'old/twig': { enabled: false } },
  },
];

function configure(tree: ChartTree, configs: Record<string, JsonObject>, path = ''): ChartTree {
  const children = Object.entries(tree.children ?? {}).map(([name, child]) => [
    name,
    configure(child, configs, path ? `${path}/${name}` : name),
  ]);
  const config = configs[path];
  return { ...tree, ...(config ? { config } : {}), children: Object.fromEntries(children) };
}

const withConfig = [
  ...configured.map(({ configs }, index) => ({
    chart: `configured-${index}`,
    root: configure(shop(), configs),
  })),
];

/** Values that are imported from a child: Helm takes those that the charts have, whatever a user gives. */
const imported: JsonObject = {
  memory: 1,
  database: { host: 'mine' },
  db: {
    exports: { data: { database: { host: 'other', name: 'd' } } },
    internal: { pool: { max: 6 } },
    leaf: { tree: { b: { c: 22 } } },
  },
  old: { twig: { tree: { new: 'branch' } } },
};
const withImports: Composition[] = [
  { chart: 'with-imports', root: { ...shop(), config: imported }, ownValues: imported },
];

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openSmallWorkshop();
});
afterAll(() => workshop?.close());

describeHelms('what a recipe configures', (helm) => {
  let pairs: Map<string, Pair>;
  beforeAll(async () => {
    pairs = await workshop.pair(helm, [...withConfig, ...withImports]);
  });
  const pairOf = (chart: string): Pair => pairs.get(chart) ?? { composed: '', own: '' };

  it.each(withConfig)('renders as a file of values does: $chart', async ({ chart, root }) => {
    const file = join(workshop.folder, `${chart}.json`);
    await writeFile(file, JSON.stringify(valuesFileOf(root)));
    expectEqual(await renderPair(helm, pairOf(chart), workshop.folder, { own: ['-f', file] }));
  });

  it('renders as values.yaml does, about imported values', async () => {
    expectEqual(await renderPair(helm, pairOf('with-imports'), workshop.folder));
  });
});
