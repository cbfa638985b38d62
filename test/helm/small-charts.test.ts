import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/chart/json.ts';
import { type ChartTree, type Composition, valuesFileOf } from '../support/helm/composition.ts';
import { findHelms, runHelm } from '../support/helm/program.ts';
import { lintCharts, type RenderedPair, renderPair } from '../support/helm/render.ts';
import { base, cache, db, leaf, old, openSmallWorkshop, shop } from '../support/helm/small-charts.ts';
import type { Pair, Workshop } from '../support/helm/workshop.ts';

const plain: Composition[] = [
  { chart: 'as-written', root: shop() },
  { chart: 'out-of-its-archive', root: shop(true) },
  {
    chart: 'renamed-to-any-depth',
    root: {
      source: 'shop',
      children: {
        common: { ...base(), entry: 'base' },
        primary: {
          source: 'db',
          entry: 'db',
          children: { deep: { ...leaf(), entry: 'leaf' }, Base_2: { ...base(), entry: 'base' } },
        },
        warm: { ...cache(), entry: 'hot' },
        cold: {
          source: 'cache',
          children: { shelf: { ...leaf(), entry: 'store', children: { b: { ...base(), entry: 'base' } } } },
        },
        ancient: {
          source: 'old',
          entry: 'old',
          children: { bough: { ...leaf(), entry: 'twig' }, base: base() },
        },
        more: { source: 'extras', entry: 'extras' },
        pictures: { source: 'media', entry: 'media' },
        exact: { source: 'strict', entry: 'strict' },
      },
    },
  },
  {
    chart: 'with-others-than-its-author-knew',
    root: {
      source: 'db',
      children: {
        one: cache(),
        two: cache(),
        second: db(),
        ancient: old(),
        pictures: { source: 'media' },
        base: base(),
        leaf: { source: 'leaf', children: {} },
      },
    },
  },
  {
    chart: 'of-the-days-of-requirements',
    root: { ...old(), children: { ...old().children, x: { source: 'strict' } } },
  },
  { chart: 'three-of-the-four', root: { source: 'old', children: { base: base() } } },
  { chart: 'one-alone', root: { source: 'extras' } },
  { chart: 'without-a-parent', root: { source: 'media' } },
  { chart: 'a-leaf', root: leaf() },
];

const refusal = 'a value that a schema refuses';

/** What a user gives Helm, the same for both charts. */
const given: { name: string; charts: string[]; args?: string[]; values?: JsonObject }[] = [
  { name: 'nothing', charts: plain.map(({ chart }) => chart) },
  {
    name: 'conditions and tags that turn subcharts off and on',
    charts: ['as-written', 'renamed-to-any-depth'],
    args: ['--set', 'db.enabled=false,tags.rare=true,old.twig.enabled=false,extras.enabled=false'],
  },
  {
    name: 'conditions in globals',
    charts: ['as-written', 'renamed-to-any-depth', 'of-the-days-of-requirements'],
    args: [
      '--set',
      'global.databases=false,global.twigs=false,tags.caches=false,hot.enabled=true,warm.enabled=true',
    ],
  },
  {
    name: 'values for every level',
    charts: ['as-written', 'out-of-its-archive'],
    values: {
      replicas: 7,
      global: { labels: { tier: 'Grüße' }, storage: { class: 'fast' } },
      pool: { max: 50 },
      db: {
        auth: { password: 'known' },
        leaf: { size: 5, base: { suffix: 'given' }, tree: { b: { c: 3 } } },
      },
      hot: { memory: 256, store: { tree: { a: [1, { b: 2 }] } } },
      old: { octal: '0644', twig: { list: [] } },
      base: { nameOverride: 'override' },
    },
  },
  {
    name: 'null for what is to go',
    charts: ['as-written', 'out-of-its-archive'],
    values: {
      db: { auth: { user: null }, leaf: { tree: { b: null }, base: { suffix: null } } },
      hot: { store: { list: null } },
      old: { date: null },
      global: { storage: { size: null } },
    },
  },
  {
    name: 'null in the place of a map',
    charts: ['as-written'],
    args: ['--set', 'hot.store.tree=null,pool=null,db.exports=null'],
  },
  {
    name: refusal,
    charts: ['as-written', 'of-the-days-of-requirements'],
    args: ['--set', 'strict.replicas=0,replicas=-1,x.mode=slow'],
  },
];

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

const helms = findHelms();
let workshop: Workshop;
beforeAll(async () => {
  if (helms[0]) workshop = await openSmallWorkshop(helms[0]);
});
afterAll(() => workshop?.close());

describe.each([3, 4])('Helm %i (left out where there is none on the PATH)', (major) => {
  const helm = helms.find((found) => found.major === major);
  if (!helm) {
    it.skip('renders composed charts as it does its own');
    return;
  }
  let pairs: Map<string, Pair>;
  beforeAll(async () => {
    pairs = await workshop.pair(helm, [...plain, ...withConfig, ...withImports]);
  });
  const pairOf = (chart: string): Pair => pairs.get(chart) ?? { composed: '', own: '' };

  describe.each(given)('given $name', ({ name, charts, args = [], values }) => {
    it.each(charts)('renders %s as it does its own', async (chart) => {
      const all = [...args];
      if (values) {
        const file = join(workshop.folder, `${major}-${chart}.json`);
        await writeFile(file, JSON.stringify(values));
        all.push('-f', file);
      }
      const rendered = await renderPair(helm, pairOf(chart), workshop.folder, { own: all, composed: all });
      if (name !== refusal) return expectEqual(rendered);
      expect(rendered.differences).toEqual([]);
      expect(rendered.own).toMatchObject({ passed: false, stderr: expect.stringContaining('schema') });
    });
  });

  it.each(withConfig)(
    'renders what a recipe configures as it does a file of values: $chart',
    async ({ chart, root }) => {
      const file = join(workshop.folder, `${major}-${chart}.json`);
      await writeFile(file, JSON.stringify(valuesFileOf(root)));
      const rendered = await renderPair(helm, pairOf(chart), workshop.folder, { own: ['-f', file] });
      expectEqual(rendered);
    },
  );

  it('renders what a recipe configures about imported values as it does values.yaml', async () => {
    expectEqual(await renderPair(helm, pairOf('with-imports'), workshop.folder));
  });

  it('says of all of them what it says of its own when it lints', async () => {
    const composed = [...pairs.values()].map((pair) => pair.composed);
    const own = [...pairs.values()].map((pair) => pair.own);
    const said = await lintCharts(helm, [...composed, ...own], workshop.folder);
    expect(said.size).toBe(2 * pairs.size);
    for (const [chart, pair] of pairs) {
      expect(said.get(pair.composed), chart).toBe(said.get(pair.own));
      expect(said.get(pair.own), chart).not.toContain('[ERROR]');
    }
  });

  // Helm 3 asks a cluster even for this.
  it.skipIf(major === 3)('prints the same notes', async () => {
    const print = (chart: string) =>
      runHelm(
        helm,
        ['install', 'demo', chart, '--namespace', 'apps', '--dry-run=client', '--render-subchart-notes'],
        workshop.folder,
      );
    for (const chart of ['as-written', 'renamed-to-any-depth']) {
      const { own, composed } = pairOf(chart);
      const [wanted, given] = await Promise.all([print(own), print(composed)]);
      expect(notesOf(wanted.stdout)).toContain(`${chart} is open.`);
      expect(notesOf(given.stdout)).toEqual(notesOf(wanted.stdout));
    }
  });
});

function expectEqual(rendered: RenderedPair): void {
  expect(rendered.differences.join('\n\n')).toBe('');
  expect(rendered.own.passed, rendered.own.stderr).toBe(true);
  expect(rendered.compared).toBeGreaterThan(10);
  for (const line of rendered.excluded) expect(line).toContain('password: ');
}

/** Lines of the notes; Helm puts those of subcharts in an order that is other each time. */
function notesOf(output: string): string[] {
  return output.slice(output.indexOf('\nNOTES:')).split('\n').sort();
}
