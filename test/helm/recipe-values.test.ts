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
 * Configurations of recipes, which a user would give Helm in a file. Three kinds of null are left out, because Helm heeds
 * them in part only. A null for a global works in the root only, because the subcharts have copies by then. A null for a
 * value that a parent imports comes after the import. A null within a map of a chart's own values is kept by Helm 4 in
 * values of a user for the chart, and dropped in values of its parent.
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

/** Values at imported keys: Helm imports the values of the charts, not those of a user. */
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

describeHelms('the configuration of a recipe', (helm) => {
  let pairs: Map<string, Pair>;
  beforeAll(async () => {
    pairs = await workshop.pair(helm, [...withConfig, ...withImports]);
  });
  const pairOf = (chart: string): Pair => pairs.get(chart) ?? { composed: '', own: '' };

  it.each(withConfig)(
    'the configuration of a recipe renders as a file of values does: $chart',
    async ({ chart, root }) => {
      const file = join(workshop.folder, `${chart}.json`);
      await writeFile(file, JSON.stringify(valuesFileOf(root)));
      expectEqual(await renderPair(helm, pairOf(chart), workshop.folder, { own: ['-f', file] }));
    },
  );

  it('the configuration of imported values renders as values.yaml does', async () => {
    expectEqual(await renderPair(helm, pairOf('with-imports'), workshop.folder));
  });
});
