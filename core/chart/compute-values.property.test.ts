import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isRegistryError } from '../errors.ts';
import { isObject, type Json, type JsonObject } from '../yaml/json.ts';
import type { Chart, Dependency } from './chart.ts';
import { computeValues, isPlainUnder } from './compute-values.ts';

const keys = ['a', 'b', 'global', 'exports'];
const names = ['a', 'b', 'global'];

const valuesOf = fc.letrec<{ map: JsonObject }>((tie) => ({
  map: fc.dictionary(
    fc.constantFrom(...keys),
    fc.oneof({ maxDepth: 4 }, fc.constantFrom<Json>(1, null), tie('map')),
    { maxKeys: 3 },
  ) as fc.Arbitrary<JsonObject>,
})).map;

const placeOf = fc
  .array(fc.constantFrom(...keys), { minLength: 1, maxLength: 3 })
  .map((path) => path.join('.'));

/** Makes an item of `import-values`, which may lead into what an item before it has imported. */
const importOf: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(...keys),
  fc.record({ child: placeOf, parent: fc.oneof(fc.constant('.'), placeOf) }),
);

const entryOf: fc.Arbitrary<Dependency> = fc
  .tuple(fc.constantFrom(...names), fc.array(importOf, { maxLength: 4 }))
  .map(([name, imports]) => ({ name, version: '1.0.0', 'import-values': imports }));

/** Makes an entry without imports, perhaps with an alias, a condition or a tag. */
const plainEntryOf: fc.Arbitrary<Dependency> = fc
  .record({
    name: fc.constantFrom(...names),
    alias: fc.option(fc.constantFrom(...names, 'c'), { nil: undefined }),
    condition: fc.option(fc.constantFrom('a.b', 'b.a,a.a.b', 'global.a'), { nil: undefined }),
    tags: fc.option(fc.constant(['a']), { nil: undefined }),
  })
  .map((fields): Dependency => JSON.parse(JSON.stringify({ ...fields, version: '1.0.0' })));

const chartOf = (depth: number, entry = entryOf): fc.Arbitrary<Chart> =>
  fc
    .tuple(
      fc.constantFrom(...names),
      valuesOf,
      fc.uniqueArray(entry, { selector: ({ name }) => name, maxLength: 3 }),
      depth === 0
        ? fc.constant<Chart[]>([])
        : fc.uniqueArray(chartOf(depth - 1, entry), { selector: ({ name }) => name, maxLength: 3 }),
    )
    .map(([name, values, dependencies, subcharts]) => ({
      ...{ name, version: '1.0.0', manifest: {}, apiVersion: 'v2' },
      ...{ values, dependencies, subcharts, files: new Map() },
    }));

it('values of any chart can be written as JSON, or are refused', () => {
  fc.assert(
    fc.property(chartOf(3), valuesOf, fc.constantFrom(3 as const, 4 as const), (chart, userValues, major) => {
      try {
        JSON.stringify(computeValues(chart, { major, userValues, budget: { remaining: 20_000 } }).values);
      } catch (error) {
        expect(isRegistryError(error, 'values.invalid'), String(error)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

/** Freezes the values of a chart and of those inside it, at any depth. */
function freezeValues({ values, subcharts }: Chart): void {
  const freeze = (value: Json): void => {
    if (typeof value !== 'object' || value === null) return;
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  };
  freeze(values);
  for (const subchart of subcharts) freezeValues(subchart);
}

/** Returns the computed values as text, or the code of the error. */
function outcomeOf(compute: () => JsonObject): string {
  try {
    return JSON.stringify(compute());
  } catch (error) {
    if (isRegistryError(error, 'values.invalid')) return error.code;
    throw error;
  }
}

/** Adds a map of many keys, whose facts are kept, and one map at two places, as a YAML alias does. */
const widen = (values: JsonObject): JsonObject => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, index]));
  const wide: JsonObject = { ...many, ...(isObject(values.a) ? values.a : {}) };
  return { ...values, a: wide, c: wide };
};

/** Widens the values of the charts that have one of some names. */
function widenCharts(chart: Chart, wide: readonly string[]): Chart {
  const subcharts = chart.subcharts.map((subchart) => widenCharts(subchart, wide));
  return { ...chart, subcharts, values: wide.includes(chart.name) ? widen(chart.values) : chart.values };
}

function stripNulls(map: JsonObject): JsonObject {
  const kept = Object.entries(map).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, isObject(value) ? stripNulls(value) : value]));
}

/** Removes nulls from the values of a chart and of those inside it. */
function withoutNulls(chart: Chart): Chart {
  return { ...chart, values: stripNulls(chart.values), subcharts: chart.subcharts.map(withoutNulls) };
}

/** Gives scalar globals to the charts that have one of some names. */
function withGlobals(chart: Chart, named: readonly string[]): Chart {
  const subcharts = chart.subcharts.map((subchart) => withGlobals(subchart, named));
  const globals = named.includes(chart.name) ? { global: { a: 1, b: 1 } } : {};
  return { ...chart, subcharts, values: { ...chart.values, ...globals } };
}

it('values that share maps of their charts are those of copies, and change no chart', () => {
  // Deep globals rule out the shorter way for plain charts, so both sides are merged in the same steps.
  const inert: Chart = {
    ...{ name: 'inert', version: '1.0.0', manifest: {}, apiVersion: 'v2' },
    ...{ values: { global: { deep: {} } }, dependencies: [], subcharts: [], files: new Map() },
  };
  fc.assert(
    fc.property(
      chartOf(2, plainEntryOf),
      valuesOf,
      fc.constantFrom(3 as const, 4 as const),
      fc.subarray(names),
      (narrow, userValues, major, wide) => {
        const chart = widenCharts(narrow, wide);
        freezeValues(chart);
        // Maps are copied in a chart with imports, also where its list of imports is empty.
        const [shared, copied] = [{}, { 'import-values': [] }].map((imports) =>
          outcomeOf(() => {
            const declared: Dependency = { name: 'inert', version: '1.0.0', ...imports };
            const dependencies = [...chart.dependencies, declared];
            const subcharts = [...chart.subcharts, inert];
            return computeValues({ ...chart, dependencies, subcharts }, { major, userValues }).values;
          }),
        );
        expect(shared).toBe(copied);
      },
    ),
    { numRuns: 1_000 },
  );
});

it('values of plain charts, computed the shorter way, are those of the full merge', () => {
  let plain = 0;
  fc.assert(
    fc.property(
      chartOf(2, plainEntryOf).map(withoutNulls),
      valuesOf.map(stripNulls),
      fc.constantFrom(3 as const, 4 as const),
      fc.subarray(names),
      (bare, userValues, major, named) => {
        const chart = withGlobals(bare, named);
        if (isPlainUnder(chart, userValues)) plain += 1;
        // Deep globals under a key that no chart has rule out the shorter way, and are passed to nobody.
        const values = { ...chart.values, inert: { global: { deep: {} } } };
        const [short, full] = [chart, { ...chart, values }].map((source) =>
          outcomeOf(() => {
            const { inert: _, ...rest } = computeValues(source, { major, userValues }).values;
            return sortKeys(rest);
          }),
        );
        expect(short).toBe(full);
      },
    ),
    { numRuns: 1_000 },
  );
  expect(plain).toBeGreaterThan(0);
});

/** Sorts the keys of a map and of those below it, since both ways add keys in another order. */
function sortKeys(map: JsonObject): JsonObject {
  const sorted = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, value]) => [key, isObject(value) ? sortKeys(value) : value]));
}
