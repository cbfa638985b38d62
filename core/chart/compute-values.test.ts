import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../yaml/json.ts';
import type { Chart, Dependency } from './chart.ts';
import { coalesceValues } from './coalesce.ts';
import { explainMajorDifferences, explainStoredMajorDifferences } from './compare-majors.ts';
import { computeValues } from './compute-values.ts';
import { createValuesByMajor } from './values-by-major.ts';

function chart(
  name: string,
  values: JsonObject,
  subcharts: Chart[] = [],
  declared: JsonObject[] = [],
  more: Partial<Chart> = {},
): Chart {
  const dependencies = declared.map(
    (entry): Dependency => ({ version: '1.0.0', ...entry, name: `${entry.name}` }),
  );
  const files = new Map();
  return {
    name,
    version: '1.0.0',
    manifest: {},
    apiVersion: 'v2',
    dependencies,
    values,
    files,
    subcharts,
    ...more,
  };
}

/** Computes a chart's values in both majors, which must agree. */
function both(source: Chart, userValues: JsonObject = {}): JsonObject {
  const { values } = computeValues(source, { major: 3, userValues });
  expect(computeValues(source, { major: 4, userValues }).values).toEqual(values);
  return values;
}

describe('computeValues', () => {
  const sub = chart('sub', { svc: { port: 80 }, exports: { data: { x: 1 } } });

  it('computeValues reports a section that the chart sets to null, at which Helm fails while it imports', () => {
    const root = (more: JsonObject[]) => chart('root', { sub: null }, [sub], more);
    for (const major of [3, 4] as const) {
      expect(computeValues(root([{ name: 'sub' }]), { major }).mismatches).toEqual([['sub']]);
      const above = chart('above', {}, [root([{ name: 'sub' }])], [{ name: 'root' }]);
      expect(computeValues(above, { major }).mismatches).toContainEqual(['root', 'sub']);
    }
  });

  it("computeValues imports by either form, beneath the parent's own values", () => {
    const imports = { name: 'sub', 'import-values': ['data', { child: 'svc', parent: 'mine' }] };
    expect(both(chart('root', { mine: { type: 'A' } }, [sub], [imports]))).toEqual({
      mine: { type: 'A', port: 80 },
      x: 1,
      sub: { svc: { port: 80 }, exports: { data: { x: 1 } }, global: {} },
    });
    expect(both(chart('root', { x: 2 }, [sub], [imports]))).toMatchObject({ x: 2, mine: { port: 80 } });
  });

  it('computeValues imports values that a subchart imported, under an alias', () => {
    const mid = chart('mid', {}, [sub], [{ name: 'sub', alias: 's', 'import-values': ['data'] }]);
    const root = chart(
      'root',
      {},
      [mid],
      [{ name: 'mid', alias: 'm', 'import-values': [{ child: 's.svc', parent: 'deep.port' }] }],
    );
    expect(both(root)).toMatchObject({ deep: { port: { port: 80 } }, m: { x: 1, s: { exports: {} } } });
  });

  it("computeValues imports the charts' own values, whatever a user sets", () => {
    const root = chart('root', {}, [sub], [{ name: 'sub', 'import-values': ['data'] }]);
    expect(both(root, { sub: { exports: { data: { x: 5 } } } })).toMatchObject({
      x: 1,
      sub: { exports: { data: { x: 5 } } },
    });
  });

  it('computeValues imports nothing from a disabled subchart, and omits its values', () => {
    const off = (entry: JsonObject) =>
      chart(
        'root',
        { sub: { on: false }, tags: { t: false } },
        [sub],
        [{ name: 'sub', 'import-values': ['data'], ...entry }],
      );
    for (const entry of [
      { condition: 'sub.on' },
      { tags: ['t'] },
      { condition: 'none,sub.on', tags: ['u'] },
    ]) {
      expect(both(off(entry))).toEqual({ sub: { on: false }, tags: { t: false } });
    }
    expect(both(off({ condition: 'sub.on' }), { sub: { on: true } })).toMatchObject({ x: 1 });
  });

  it('computeValues removes a value that a user sets to null, also for one of two aliases', () => {
    const twice = chart(
      'root',
      {},
      [sub],
      [
        { name: 'sub', alias: 'one' },
        { name: 'sub', alias: 'two' },
      ],
    );
    const { one, two } = both(twice, { one: { svc: { port: null } } });
    expect(one).toMatchObject({ svc: {} });
    expect(two).toMatchObject({ svc: { port: 80 } });
  });

  it("computeValues keeps a chart's own nulls for Helm 3 and removes them for Helm 4", () => {
    const root = chart('root', { none: null, sub: { svc: null } }, [sub]);
    expect(computeValues(root, { major: 3 }).values).toMatchObject({ none: null, sub: { exports: {} } });
    expect(computeValues(root, { major: 3 }).values.sub).not.toHaveProperty('svc');
    const four = computeValues(root, { major: 4 }).values;
    expect(four).not.toHaveProperty('none');
    expect(four).toMatchObject({ sub: { svc: { port: 80 } } });
  });

  it('computeValues reads the first document for Helm 3, and all for Helm 4', () => {
    const root = chart('root', { a: 1, b: 2 }, [], [], { firstValues: { a: 1 } });
    expect(computeValues(root, { major: 3 }).values).toEqual({ a: 1 });
    expect(computeValues(root).values).toEqual({ a: 1, b: 2 });
  });

  it("computeValues loses for Helm 3 the imports of a chart's second alias", () => {
    const mid = chart('mid', {}, [sub], [{ name: 'sub', 'import-values': ['data'] }]);
    const root = chart(
      'root',
      {},
      [mid],
      [
        { name: 'mid', alias: 'one' },
        { name: 'mid', alias: 'two' },
      ],
    );
    expect(computeValues(root, { major: 4 }).values).toMatchObject({ one: { x: 1 }, two: { x: 1 } });
    expect(computeValues(root, { major: 3 }).values).toMatchObject({ one: { x: 1 } });
    expect(computeValues(root, { major: 3 }).values.two).not.toHaveProperty('x');
  });

  it("computeValues loses for Helm 3 the aliases in a chart's second alias, and says so", () => {
    const root = chart(
      'root',
      {},
      [chart('mid', {}, [chart('leaf', { x: 1 })], [{ name: 'leaf', alias: 'other' }])],
      [
        { name: 'mid', alias: 'one' },
        { name: 'mid', alias: 'two' },
      ],
    );
    const { values } = computeValues(root, { major: 4 });
    expect(values).toMatchObject({ one: { other: { x: 1 } }, two: { other: { x: 1 } } });
    const three = computeValues(root, { major: 3 }).values;
    expect(three).toMatchObject({ one: { other: { x: 1 } }, two: { leaf: { x: 1 } } });
    const valuesIn = createValuesByMajor(root);
    for (const told of [
      explainStoredMajorDifferences(root, values),
      explainMajorDifferences(root, valuesIn, 'this chart'),
    ])
      expect(told).toMatch(/two\.leaf \(Helm 3: .*, Helm 4: nothing\)/);
  });

  it('computeValues passes the globals of a declared chart called `global` a level further down', () => {
    const inner = chart('global', { k: 1 });
    expect(both(chart('root', {}, [inner]))).toEqual({ global: { k: 1, global: {} } });
    // Helm shows {} or {k: 1} as the innermost globals, by the order of keys in a map of Go.
    const declared = chart('root', {}, [inner], [{ name: 'global' }]);
    expect(both(declared)).toEqual({ global: { k: 1, global: { k: 1, global: {} } } });
  });

  it('computeValues keeps a scalar global of a declared subchart where a user sets a map or no map', () => {
    const root = chart('root', { global: { a: 1 } }, [chart('sub', {})], [{ name: 'sub' }]);
    for (const global of [{ a: { x: 1 } }, 5])
      expect(both(root, { global })).toEqual({ global, sub: { global: { a: 1 } } });
  });

  it('computeValues passes the globals of one of two charts under one name to the other', () => {
    const charts = [chart('a', {}, [chart('leaf', {})]), chart('b', { global: { k: 1 } })];
    expect(both(chart('root', {}, charts, [{ name: 'b', alias: 'a' }]))).toEqual({
      a: { global: { k: 1 }, leaf: { global: { k: 1 } } },
    });
  });

  it('computeValues merges the sections of many subcharts, and leaves the values of the charts as they are', () => {
    const many = Array.from({ length: 20 }, (_, index) => chart(`s${index}`, { a: { x: index } }));
    const root = chart('root', { s3: { a: { z: 1 } }, s19: { b: { z: 2 } }, other: { z: 3 } }, many);
    const before = JSON.stringify(root);
    expect(both(root, { s19: { b: { w: 4 } } })).toMatchObject({
      s0: { a: { x: 0 } },
      s3: { a: { x: 3, z: 1 } },
      s19: { a: { x: 19 }, b: { z: 2, w: 4 } },
      other: { z: 3 },
    });
    expect(JSON.stringify(root)).toBe(before);
  });

  it('computeValues reports subcharts whose values are not a map, where Helm fails', () => {
    expect(computeValues(chart('root', { sub: 'x' }, [sub])).mismatches).toEqual([['sub']]);
    expect(computeValues(chart('root', {}, [sub])).mismatches).toEqual([]);
  });

  describe('values that would contain themselves', () => {
    const importing = (values: JsonObject, imports: Json[]) =>
      chart('root', {}, [chart('sub', values)], [{ name: 'sub', 'import-values': imports }]);
    const data = { exports: { data: { data: {} } } };
    const deep = `${'a.'.repeat(100_000)}a`;
    const nested = ['i', 'k', 'global'].reduce<Chart[]>((inner, name) => [chart(name, {}, inner)], []);

    it.each<[string, Chart]>([
      [
        'a map that comes into one of its own maps',
        importing(data, ['data', { child: 'a', parent: 'b' }, { child: 'exports', parent: '.' }]),
      ],
      [
        'a map at a place below itself',
        importing({ t: { x: 1 } }, [
          { child: 't', parent: 'p' },
          { child: 't', parent: 'p.q' },
        ]),
      ],
      ['a place too deep', importing({ t: { x: 1 } }, [{ child: 't', parent: deep }])],
      ['the globals of a chart called global', chart('root', { global: { k: { i: {} } } }, nested)],
    ])('computeValues refuses %s, in both majors', (_, source) => {
      for (const major of [3, 4] as const)
        expect(() => computeValues(source, { major })).toThrow(
          expect.objectContaining({ code: 'values.invalid' }),
        );
    });

    it('computeValues imports to a place of many levels, and what is imported twice', () => {
      const place = `${'a.'.repeat(99)}a`;
      const { values } = computeValues(
        importing({ t: { x: 1 } }, [
          { child: 't', parent: place },
          { child: 't', parent: 'b' },
        ]),
      );
      expect(JSON.stringify(values)).toContain(`${'"a":{'.repeat(100)}"x":1}`);
      expect(values).toMatchObject({ b: { x: 1 } });
    });
  });

  it('coalesceValues keeps the values of disabled subcharts, which computeValues omits', () => {
    const root = chart('root', { sub: { on: false } }, [sub], [{ name: 'sub', condition: 'sub.on' }]);
    expect(coalesceValues(root)).toMatchObject({ sub: { on: false, svc: { port: 80 } } });
  });
});
