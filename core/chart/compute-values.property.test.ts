import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isRegistryError } from '../errors.ts';
import type { Json, JsonObject } from '../yaml/json.ts';
import type { Chart, Dependency } from './chart.ts';
import { computeValues } from './compute-values.ts';

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

const chartOf = (depth: number): fc.Arbitrary<Chart> =>
  fc
    .tuple(
      fc.constantFrom(...names),
      valuesOf,
      fc.uniqueArray(entryOf, { selector: ({ name }) => name, maxLength: 3 }),
      depth === 0
        ? fc.constant<Chart[]>([])
        : fc.uniqueArray(chartOf(depth - 1), { selector: ({ name }) => name, maxLength: 3 }),
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
