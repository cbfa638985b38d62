import { describe, expect, it } from 'vitest';
import { computeValues } from '../chart/compute-values.ts';
import type { JsonObject } from '../yaml/json.ts';
import { makeChart, makePlan, type NodeSpec } from './compose.fixture.ts';
import { composeTree } from './compose-tree.ts';
import { resolveTree } from './resolve-tree.ts';
import { findWarnings } from './warnings/find-warnings.ts';

function composed(root: NodeSpec) {
  const { plan, sources } = makePlan(root);
  const tree = resolveTree(plan, sources);
  return { chart: composeTree(tree, plan), warnings: findWarnings(tree, plan) };
}

/** Computes a result's values in both majors, which must agree. */
function both(root: NodeSpec): JsonObject {
  const { chart } = composed(root);
  const { values } = computeValues(chart, { major: 4 });
  expect(computeValues(chart, { major: 3 }).values).toEqual(values);
  return values;
}

const sub = makeChart({ name: 'sub', values: '# kept\nk: v1\nm: {a: 1, b: 2}\n' });
const twice = [
  { name: 'sub', version: '1.0.0', alias: 's1' },
  { name: 'sub', version: '1.0.0', alias: 's2' },
];

describe('null for one of two aliases', () => {
  const app = makeChart({
    name: 'app',
    values: 's1: {m: {a: 11}}\ns2: {k: mine}\n',
    dependencies: twice,
    subcharts: [sub],
  });

  it('null for one of two aliases removes the key for that alias only, at the root', () => {
    const root = { chart: app, keep: true, config: { s1: { k: null, m: { b: null } } } };
    expect(both(root)).toEqual({
      s1: { m: { a: 11 }, global: {} },
      s2: { k: 'mine', m: { a: 1, b: 2 }, global: {} },
    });
    expect(composed(root).warnings).toEqual([]);
  });

  it('null for both aliases removes the key for both, also a whole map', () => {
    const config = { s1: { m: null, k: null }, s2: { m: { b: null } } };
    expect(both({ chart: app, keep: true, config })).toEqual({
      s1: { global: {} },
      s2: { k: 'mine', m: { a: 1 }, global: {} },
    });
  });

  it('null for one of two aliases works below a child and inside a kept chart', () => {
    const plain = makeChart({ name: 'plain' });
    const config = { s2: { k: null, m: { a: null } } };
    const below = both({ chart: plain, children: { c: { chart: app, keep: true, config } } });
    expect(below.c).toMatchObject({ s1: { k: 'v1', m: { a: 11, b: 2 } }, s2: { m: { b: 2 } } });
    const outer = makeChart({
      name: 'outer',
      dependencies: [{ name: 'app', version: '1.0.0' }],
      subcharts: [app],
    });
    const kept = both({ chart: outer, keep: true, config: { app: config } });
    expect(kept.app).toMatchObject({ s1: { k: 'v1', m: { a: 11, b: 2 } }, s2: { m: { b: 2 } } });
    expect(kept.app).not.toHaveProperty('s2.m.a');
  });
});

describe('null under global', () => {
  it('null under global removes a value that only a subchart has, at every depth', () => {
    const leaf = makeChart({ name: 'leaf', values: 'global: {x: 1, w: 2}\n' });
    const mid = makeChart({ name: 'mid', values: 'global: {z: 3}\n' });
    const root: NodeSpec = {
      chart: makeChart({ name: 'app', values: 'a: 1\n' }),
      config: { global: { x: null, z: null } },
      children: { mid: { chart: mid, children: { leaf: { chart: leaf } } } },
    };
    const { values } = computeValues(composed(root).chart);
    expect(values).toMatchObject({ mid: { leaf: { global: { w: 2 } } } });
    expect(JSON.stringify(values)).not.toMatch(/"[xz]"/);
  });

  it('null under global is warned of if Helm would keep showing a copy made before', () => {
    const root: NodeSpec = {
      chart: makeChart({ name: 'app', values: 'global: {x: 1}\n' }),
      config: { global: { x: null } },
      children: { leaf: { chart: makeChart({ name: 'leaf' }) } },
    };
    expect(composed(root).warnings).toMatchObject([
      {
        code: 'values.null',
        pointer: '/configs/_config/global/x',
        message: expect.stringContaining('leaf.global.x: Helm 3 and 4 show nothing'),
      },
    ]);
  });
});

describe('a child with the name of a value that is no map', () => {
  const app = makeChart({ name: 'app', values: 'redis: "host:6379"\nz: 1\n' });
  const child = { chart: makeChart({ name: 'svc', values: 'k: d\n' }) };

  it('a child replaces a value of its name that is no map, with a warning', () => {
    const root = { chart: app, children: { redis: child } };
    expect(both(root)).toEqual({ z: 1, redis: { k: 'd', global: {} } });
    expect(composed(root).warnings).toMatchObject([
      { code: 'values.shadowed', pointer: '/configs/redis', message: expect.stringContaining('host:6379') },
    ]);
  });

  it('a child below the root replaces a value of its name, so that the chart can be rendered', () => {
    const root = {
      chart: makeChart({ name: 'top' }),
      children: { a: { chart: app, children: { redis: child } } },
    };
    const { chart, warnings } = composed(root);
    expect(computeValues(chart).mismatches).toEqual([]);
    expect(computeValues(chart).values.a).toMatchObject({ z: 1, redis: { k: 'd' } });
    expect(warnings).toMatchObject([{ code: 'values.shadowed', pointer: '/configs/a/redis' }]);
  });

  it('a child further down replaces a value of its name in the section of the root, with a warning', () => {
    const root = {
      chart: makeChart({ name: 'top', values: 'a: {redis: "host:6379"}\n' }),
      children: { a: { chart: makeChart({ name: 'plain' }), children: { redis: child } } },
    };
    const { chart, warnings } = composed(root);
    expect(computeValues(chart).values.a).toMatchObject({ redis: { k: 'd' } });
    const message = expect.stringContaining('top has the value a.redis: "host:6379"');
    expect(warnings).toMatchObject([{ code: 'values.shadowed', pointer: '/configs/a/redis', message }]);
  });
});

describe('a subchart that a child takes under another name', () => {
  const part = makeChart({ name: 'sub', values: 'port: 1\nhost: h\n' });
  const app = makeChart({
    name: 'app',
    values: 'sub: {port: 6380}\n',
    dependencies: [{ name: 'sub', version: '1.0.0' }],
    subcharts: [part],
  });

  it("a renamed subchart keeps the parent's values for it, beneath its configuration", () => {
    const child = { chart: part, inside: true };
    expect(both({ chart: app, children: { cache: child } }).cache).toMatchObject({ port: 6380, host: 'h' });
    const config = { port: 5 };
    expect(both({ chart: app, children: { cache: { ...child, config } } }).cache).toMatchObject({ port: 5 });
  });

  it('a renamed subchart below the root keeps the values of parent and root', () => {
    const top = makeChart({ name: 'top', values: 'a: {sub: {host: top}}\n' });
    const children = { a: { chart: app, children: { cache: { chart: part, inside: true } } } };
    expect(both({ chart: top, children })).toMatchObject({ a: { cache: { port: 6380, host: 'top' } } });
  });

  it("a renamed subchart leaves the parent's values to a child that has its old name", () => {
    const inside = { chart: part, inside: true };
    expect(both({ chart: app, children: { cache: inside, sub: inside } })).toMatchObject({
      cache: { port: 1 },
      sub: { port: 6380 },
    });
  });

  it('a child of another chart that replaces a subchart under another name is warned of', () => {
    const { warnings } = composed({ chart: app, children: { cache: { chart: part } } });
    expect(warnings).toMatchObject([
      { code: 'values.renamed', pointer: '/configs/cache', message: expect.stringContaining('(port)') },
    ]);
  });
});

describe('a null that only Helm 3 keeps', () => {
  it('a null that only Helm 3 keeps is warned of, and so is the schema that it breaks there', () => {
    const schema = JSON.stringify({ properties: { tag: { type: 'string' } } });
    const app = makeChart({ name: 'app', values: 'tag:\n', files: { 'values.schema.json': schema } });
    expect(composed({ chart: app }).warnings).toMatchObject([
      { code: 'values.majors', message: expect.stringContaining('tag (Helm 3: null, Helm 4: nothing)') },
      { code: 'values.majors', pointer: '/configs', message: expect.stringContaining('Helm 3 refuses') },
    ]);
  });
});
