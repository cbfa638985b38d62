import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../yaml/json.ts';
import type { Chart, Dependency } from './chart.ts';
import { computeValues } from './compute-values.ts';
import { createValuesByMajor, majorsAgree } from './values-by-major.ts';

const names = ['a', 'b', 'c'];
const keys = [...names, 'global', 'tags', 'exports', 'data', 'on', '__proto__', 'toString'];

/** Makes random maps of values whose leaves are scalars and lists, and nulls where they are allowed. */
const valuesOf = (leaf: fc.Arbitrary<Json>) =>
  fc.letrec<{ map: JsonObject }>((tie) => ({
    map: fc.dictionary(fc.constantFrom(...keys), fc.oneof({ maxDepth: 3 }, leaf, tie('map')), {
      maxKeys: 4,
    }) as fc.Arbitrary<JsonObject>,
  })).map;

const leaves: fc.Arbitrary<Json> = fc.oneof(fc.boolean(), fc.nat(3), fc.constant<Json>([null, 1]));
const plainValues = valuesOf(leaves);
const anyValues = valuesOf(fc.oneof(leaves, fc.constant(null)));

const optional = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((found) => (found === undefined ? {} : { [key]: found }));

/** Makes a random entry of `dependencies` for one of the names. */
const entryOf = (name: string): fc.Arbitrary<Dependency> =>
  fc
    .tuple(
      optional('alias', fc.constantFrom(...names)),
      optional('condition', fc.constantFrom('on', 'a.on,on', 'b.c.on')),
      optional('tags', fc.constant(['on'])),
      optional('import-values', fc.constantFrom<Json[]>(['data'], [{ child: 'a', parent: `in-${name}` }])),
    )
    .map((parts): Dependency => Object.assign({ name, version: '1.0.0' }, ...parts));

/** Makes a random chart with subcharts, each declared or not. */
const chartOf = (depth: number, values: fc.Arbitrary<JsonObject>): fc.Arbitrary<Chart> =>
  fc
    .tuple(
      fc.constantFrom(...names),
      values,
      fc.uniqueArray(fc.constantFrom(...names).chain(entryOf), { selector: ({ name }) => name }),
      depth === 0
        ? fc.constant<Chart[]>([])
        : fc.uniqueArray(chartOf(depth - 1, values), { selector: ({ name }) => name, maxLength: 3 }),
    )
    .map(([name, own, dependencies, subcharts]) => ({
      ...{ name, version: '1.0.0', manifest: {}, apiVersion: 'v2' },
      ...{ values: own, dependencies, subcharts, files: new Map() },
    }));

describe('majorsAgree', () => {
  it('majorsAgree holds only of charts of which both majors compute the same, whatever a user sets', () => {
    fc.assert(
      fc.property(chartOf(2, plainValues), anyValues, (chart, userValues) => {
        expect(majorsAgree(chart)).toBe(true);
        const [three, four] = ([3, 4] as const).map((major) => computeValues(chart, { major, userValues }));
        expect(JSON.stringify(three)).toBe(JSON.stringify(four));
      }),
      { numRuns: 500 },
    );
  });

  it('majorsAgree is false for nulls, second documents and names declared twice, at any depth', () => {
    const plain: Chart = {
      ...{ name: 'a', version: '1.0.0', manifest: {}, apiVersion: 'v2' },
      ...{ values: { x: { y: [null] } }, dependencies: [], subcharts: [], files: new Map() },
    };
    const twice = ['b', 'c'].map((alias): Dependency => ({ name: 'a', version: '1.0.0', alias }));
    const variants: [Partial<Chart>, boolean][] = [
      [{}, true],
      [{ values: { x: { y: null } } }, false],
      [{ firstValues: {} }, false],
      [{ dependencies: twice }, false],
    ];
    for (const [variant, expected] of variants) {
      const chart = { ...plain, ...variant };
      expect(majorsAgree(chart)).toBe(expected);
      expect(majorsAgree({ ...plain, subcharts: [chart] })).toBe(expected);
    }
  });
});

describe('createValuesByMajor', () => {
  const chartWith = (values: JsonObject): Chart => ({
    ...{ name: 'a', version: '1.0.0', manifest: {}, apiVersion: 'v2', values },
    ...{ dependencies: [], subcharts: [], files: new Map() },
  });

  it('createValuesByMajor computes the values of charts on which the majors agree once', () => {
    const valuesIn = createValuesByMajor(chartWith({ x: 1 }), { y: 2 });
    expect(valuesIn(3)).toBe(valuesIn(4));
    expect(valuesIn(3).values).toEqual({ x: 1, y: 2 });
  });

  it('createValuesByMajor computes the values of other charts once for each major', () => {
    const valuesIn = createValuesByMajor(chartWith({ x: null, y: 2 }));
    expect(valuesIn(3).values).toEqual({ x: null, y: 2 });
    expect(valuesIn(4).values).toEqual({ y: 2 });
    expect(valuesIn(3)).toBe(valuesIn(3));
  });
});
