import type { JsonObject } from '../yaml/json.ts';
import type { Chart } from './chart.ts';
import { type ComputedValues, computeValues, shownHelmMajor } from './compute-values.ts';
import { mapsHoldNull } from './map-facts.ts';
import type { HelmMajor } from './merge-values.ts';

/**
 * Returns the values that a major of Helm computes of a chart. Where both majors compute the same, both get the same object.
 * @throws {RegistryError} as {@link computeValues}
 */
export type ValuesByMajor = (major: HelmMajor) => ComputedValues;

/**
 * Creates the lookup of a chart's values by major. It computes them once, and for both majors together where these agree.
 * @param userValues a user's values, as by `-f`
 */
export function createValuesByMajor(chart: Chart, userValues: JsonObject = {}): ValuesByMajor {
  const isSame = majorsAgree(chart);
  const computed = new Map<HelmMajor, ComputedValues>();
  return (asked) => {
    const major = isSame ? shownHelmMajor : asked;
    const values = computed.get(major) ?? computeValues(chart, { major, userValues });
    computed.set(major, values);
    return values;
  };
}

/**
 * Checks that both majors compute the same values of a chart. Values that a user sets do not change that. The chart has
 * nothing in which the majors differ (see {@link computeValues}): second YAML documents, nulls, and charts under several
 * aliases.
 */
export function majorsAgree({ values, firstValues, dependencies, subcharts }: Chart): boolean {
  const names = new Set(dependencies.map(({ name }) => name));
  return (
    firstValues === undefined &&
    names.size === dependencies.length &&
    !mapsHoldNull(values) &&
    subcharts.every(majorsAgree)
  );
}
