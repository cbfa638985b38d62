import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { defaultChartLimits } from '../archive/limits.ts';
import type { Chart } from '../chart/chart.ts';
import { coalesceValues } from '../chart/coalesce.ts';
import { readChart } from '../chart/read-chart.ts';
import { isRegistryError } from '../errors.ts';
import { makeChart, makePlan, type NodeSpec } from './compose.fixture.ts';
import { composePlan } from './compose.ts';
import type { Plan } from './plan.ts';

async function compose(root: NodeSpec, rest: Partial<Plan> = {}): Promise<Chart> {
  const { plan, sources } = makePlan(root, rest);
  return readChart(Readable.from([await composePlan(plan, sources, defaultChartLimits)]), defaultChartLimits);
}

const metrics = makeChart({ name: 'metrics', values: 'port: 9\n', files: { 'templates/m.yaml': 'm' } });
const db = makeChart({
  name: 'db',
  version: '2.1.0',
  values: '# kept\nuser: root\nmetrics: {port: 10}\n',
  dependencies: [{ name: 'metrics', version: '1.x', condition: 'metrics.on', repository: 'https://x' }],
  subcharts: [metrics],
  files: { 'Chart.lock': 'digest: x\n', 'charts/_note': 'n' },
});
const cache = makeChart({ name: 'cache', version: '3.0.0' });
const undeclared = makeChart({ name: 'undeclared' });
const web = makeChart({
  name: 'web',
  values: 'replicas: 1\n',
  dependencies: [
    { name: 'db', version: '^2', alias: 'primary', condition: 'primary.on', repository: 'https://x' },
    { name: 'db', version: '^2', alias: 'replica', tags: ['back'] },
    { name: 'cache', version: '3.0.0', 'import-values': ['data'] },
    { name: 'gone', version: '1.0.0' },
  ],
  subcharts: [cache, db, undeclared],
});
const other = makeChart({ name: 'other', version: '9.0.0' });
const inside = (chart: Chart): NodeSpec => ({ chart, inside: true });
const names = (chart: Chart) => chart.subcharts.map(({ name }) => name);

function faultOf(root: NodeSpec): Promise<unknown> {
  return compose(root).then(
    () => undefined,
    (error) => error,
  );
}

describe('a source whose subcharts are kept', () => {
  it('subcharts that the recipe does not name are kept byte for byte, with their entries', async () => {
    const shop = await compose({ chart: web, keep: true });
    expect(names(shop)).toEqual(['cache', 'db', 'undeclared']);
    expect(shop.dependencies).toEqual([
      { name: 'db', version: '^2', alias: 'primary', condition: 'primary.on' },
      { name: 'db', version: '^2', alias: 'replica', tags: ['back'] },
      { name: 'cache', version: '3.0.0', 'import-values': ['data'] },
      { name: 'undeclared', version: '1.0.0' },
    ]);
    const kept = shop.subcharts[1];
    expect(kept?.files).toEqual(db.files);
    expect(kept?.subcharts[0]?.files).toEqual(metrics.files);
  });

  it('a kept subchart stays undeclared if an entry would activate the declarations below it', async () => {
    const bare = makeChart({ name: 'bare', subcharts: [db, undeclared] });
    expect((await compose({ chart: bare, keep: true })).dependencies).toEqual([]);
    const shop = await compose({ chart: bare, keep: true, children: { cache: { chart: cache } } });
    expect(shop.dependencies.map(({ name }) => name)).toEqual(['cache', 'db', 'undeclared']);
    const flat = makeChart({ name: 'flat', subcharts: [undeclared] });
    expect((await compose({ chart: flat, keep: true })).dependencies).toEqual([
      { name: 'undeclared', version: '1.0.0' },
    ]);
  });

  it('no subchart is kept by default', async () => {
    expect(names(await compose({ chart: web }))).toEqual([]);
  });

  it('a child of the same name replaces a kept subchart and takes over its entry', async () => {
    const shop = await compose({ chart: web, keep: true, children: { cache: { chart: other } } });
    expect(shop.subcharts.map(({ name, version }) => [name, version])).toEqual([
      ['cache', '9.0.0'],
      ['db', '2.1.0'],
      ['undeclared', '1.0.0'],
    ]);
    expect(shop.dependencies).toContainEqual({ name: 'cache', version: '9.0.0', 'import-values': ['data'] });
  });

  it('a child with one alias replaces a subchart there; it is kept under the other alias', async () => {
    const shop = await compose({ chart: web, keep: true, children: { primary: { chart: other } } });
    expect(names(shop)).toEqual(['cache', 'db', 'primary', 'undeclared']);
    expect(shop.dependencies.slice(0, 2)).toEqual([
      { name: 'primary', version: '9.0.0', condition: 'primary.on' },
      { name: 'db', version: '^2', alias: 'replica', tags: ['back'] },
    ]);
  });

  it('a subchart goes if children have both its aliases', async () => {
    const children = { primary: { chart: other }, replica: { chart: other } };
    expect(names(await compose({ chart: web, keep: true, children }))).toEqual([
      'cache',
      'primary',
      'replica',
      'undeclared',
    ]);
  });

  it('a subchart that the recipe takes out under another name goes from its old place', async () => {
    const shop = await compose({ chart: web, keep: true, children: { store: inside(cache) } });
    expect(names(shop)).toEqual(['db', 'store', 'undeclared']);
    expect(shop.dependencies).toContainEqual({ name: 'store', version: '3.0.0', 'import-values': ['data'] });
  });

  it('the entry of a kept subchart is not used for a child from elsewhere', async () => {
    const shop = await compose({ chart: web, keep: true, children: { second: { chart: cache } } });
    expect(names(shop)).toEqual(['cache', 'db', 'second', 'undeclared']);
    expect(shop.dependencies).toContainEqual({ name: 'second', version: '3.0.0' });
  });

  it('a child with the name of a chart that is kept under an alias is refused', async () => {
    const error = await faultOf({ chart: web, keep: true, children: { db: { chart: other } } });
    expect(isRegistryError(error, 'recipe.invalid') && error.details).toEqual({ pointer: '/configs/db' });
  });

  it("a child's own subcharts are kept or dropped by its node", async () => {
    const children = { a: { chart: db, keep: true }, b: { chart: db } };
    const shop = await compose({ chart: undeclared, children });
    expect(shop.subcharts.map((chart) => [chart.name, names(chart)])).toEqual([
      ['a', ['metrics']],
      ['b', []],
    ]);
  });

  it('a kept subchart gets the configuration of the node, null included', async () => {
    const config = { primary: { user: 'me' }, cache: null, replica: { metrics: { port: 11 } } };
    const shop = await compose({ chart: web, keep: true, config });
    expect(coalesceValues(shop)).toMatchObject({
      primary: { user: 'me', metrics: { port: 10 } },
      replica: { user: 'root', metrics: { port: 11 } },
    });
    const inner = await compose({ chart: db, keep: true, config: { metrics: { port: null } } });
    expect(coalesceValues(inner)).toEqual({ user: 'root', metrics: { global: {} } });
  });

  it.each(['replace', 'literal'] as const)('a kept subchart has no own values by %s', async (values) => {
    const shop = await compose({ chart: web, keep: true }, { values });
    expect(coalesceValues(shop)).toMatchObject({ primary: { metrics: {} }, replica: { metrics: {} } });
    expect(shop.subcharts[1]?.values).toEqual({});
  });
});
