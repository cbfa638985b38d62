import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import type { Chart, Dependency } from './chart.ts';
import { coalesceValues } from './coalesce.ts';

function chart(
  name: string,
  values: JsonObject,
  subcharts: Chart[] = [],
  dependencies: Dependency[] = [],
): Chart {
  return {
    name,
    version: '1.0.0',
    manifest: {},
    apiVersion: 'v2',
    dependencies,
    values,
    files: new Map(),
    subcharts,
  };
}

describe('coalesceValues', () => {
  it("coalesceValues puts a subchart's values under its name, where the parent's win", () => {
    const sub = chart('sub', { a: 1, map: { x: 1, y: 1 }, list: [1, 2] });
    expect(
      coalesceValues(chart('root', { own: 1, sub: { a: 2, map: { y: 2, z: 2 }, list: [3] } }, [sub])),
    ).toEqual({
      own: 1,
      sub: { a: 2, map: { x: 1, y: 2, z: 2 }, list: [3], global: {} },
    });
  });

  it('coalesceValues passes globals down to every level, the uppermost winning', () => {
    const leaf = chart('leaf', { global: { c: 3, map: { z: 3 } } });
    const sub = chart('sub', { global: { a: 2, b: 2, map: { y: 2 } } }, [leaf]);
    const result = coalesceValues(chart('root', { global: { a: 1, map: { x: 1 } } }, [sub]));
    expect(result).toMatchObject({
      global: { a: 1, map: { x: 1 } },
      sub: {
        global: { a: 1, b: 2, map: { x: 1, y: 2 } },
        leaf: { global: { a: 1, b: 2, c: 3, map: { x: 1, y: 2, z: 3 } } },
      },
    });
  });

  it('coalesceValues ignores every null in values.yaml, as Helm 4 does', () => {
    const sub = chart('sub', { stays: 1, map: { stays: 1 }, none: null });
    expect(
      coalesceValues(chart('root', { none: null, sub: { stays: null, map: { stays: null } } }, [sub])),
    ).toEqual({ sub: { stays: 1, map: { stays: 1 }, global: {} } });
  });

  it("coalesceValues takes the parent's value if one is a map and the other is not", () => {
    const sub = chart('sub', { a: { x: 1 }, b: 1 });
    expect(coalesceValues(chart('root', { sub: { a: 1, b: { y: 1 } } }, [sub])).sub).toEqual({
      a: 1,
      b: { y: 1 },
      global: {},
    });
  });

  it('coalesceValues leaves a section that is not a map unchanged', () => {
    const sub = chart('sub', { a: 1 });
    for (const section of ['text', [1], 0] satisfies Json[]) {
      expect(coalesceValues(chart('root', { sub: section }, [sub, chart('other', { b: 1 })]))).toEqual({
        sub: section,
        other: { b: 1, global: {} },
      });
    }
  });

  it('coalesceValues puts a subchart under each of its aliases', () => {
    const sub = chart('sub', { a: 1 });
    const declared: Dependency[] = [
      { name: 'sub', version: '1.x', alias: 'one' },
      { name: 'sub', version: '1.x', alias: 'two' },
    ];
    expect(coalesceValues(chart('root', { two: { a: 2 }, sub: { a: 3 } }, [sub], declared))).toEqual({
      one: { a: 1, global: {} },
      two: { a: 2, global: {} },
      sub: { a: 3 },
    });
    const both: Dependency[] = [
      { name: 'sub', version: '1.x' },
      { name: 'sub', version: '1.x', alias: 'two' },
    ];
    expect(Object.keys(coalesceValues(chart('root', {}, [sub], both)))).toEqual(['sub', 'two']);
  });

  it('coalesceValues ignores conditions and tags, and includes undeclared subcharts', () => {
    const declared: Dependency[] = [{ name: 'sub', version: '1.x', condition: 'sub.enabled', tags: ['x'] }];
    const root = chart(
      'root',
      { sub: { enabled: false } },
      [chart('sub', { a: 1 }), chart('other', {})],
      declared,
    );
    expect(coalesceValues(root)).toEqual({
      sub: { enabled: false, a: 1, global: {} },
      other: { global: {} },
    });
  });

  it('coalesceValues treats __proto__ as an ordinary key', () => {
    const hostile: JsonObject = JSON.parse(
      '{"__proto__": {"polluted": true}, "global": {"__proto__": {"polluted": 1}}}',
    );
    const result = coalesceValues(chart('root', hostile, [chart('sub', hostile)]));
    expect(JSON.parse(JSON.stringify(result.sub))).toEqual(hostile);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('coalesceValues does not change the charts', () => {
    const sub = chart('sub', { a: { b: 1 } });
    const root = chart('root', { global: { x: { y: 1 } }, sub: { a: { b: null } } }, [sub]);
    const before = JSON.stringify([root.values, sub.values]);
    coalesceValues(root);
    expect(JSON.stringify([root.values, sub.values])).toBe(before);
  });

  it('coalesceValues refuses values that grow without bound, by globals or by aliases of aliases', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, index]));
    const subcharts = Array.from({ length: 1000 }, (_, index) => chart(`s${index}`, {}));
    expect(() => coalesceValues(chart('root', { global: many }, subcharts))).toThrow('too large');
    let tower = chart('c', { a: 1 });
    for (let level = 0; level < 30; level++) {
      tower = chart(
        'c',
        {},
        [tower],
        [
          { name: 'c', version: '*', alias: 'x' },
          { name: 'c', version: '*', alias: 'y' },
        ],
      );
    }
    expect(() => coalesceValues(tower)).toThrow('too large');
  });
});

const scalar = fc.oneof(fc.integer(), fc.string({ maxLength: 3 }), fc.boolean());
const { values } = fc.letrec<{ values: JsonObject; value: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(scalar, { maxLength: 2 }), tie('values')),
  values: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { noNullPrototype: true }),
}));

describe("Helm's documented rules, for any values", () => {
  it('a chart without subcharts has its own values', () => {
    fc.assert(
      fc.property(values, (own) => {
        expect(coalesceValues(chart('root', own))).toEqual(own);
      }),
    );
  });

  it("a parent's section lies over the subchart's values", () => {
    fc.assert(
      fc.property(values, values, (section, own) => {
        const result = coalesceValues(chart('root', { sub: section }, [chart('sub', own)]));
        expect(result.sub).toEqual({ ...layOver(own, section), global: {} });
      }),
    );
  });

  it('globals are the same at every level that has none of its own', () => {
    fc.assert(
      fc.property(values, (global) => {
        const result = coalesceValues(chart('root', { global }, [chart('sub', {}, [chart('leaf', {})])]));
        expect(result).toEqual({ global, sub: { global, leaf: { global } } });
      }),
    );
  });
});

/** Merges by the documented rule, as a reference: maps merge, anything else replaces, null removes. */
function layOver(base: JsonObject, over: JsonObject): JsonObject {
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = getKey(result, key);
    if (value === null) delete result[key];
    else setKey(result, key, isObject(value) ? layOver(isObject(before) ? before : {}, value) : value);
  }
  return result;
}
