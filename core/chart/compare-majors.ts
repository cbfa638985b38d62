import { isRegistryError } from '../errors.ts';
import { boundText } from '../runtime/bound-text.ts';
import { toStorableText } from '../runtime/storable-text.ts';
import type { JsonObject } from '../yaml/json.ts';
import type { Chart } from './chart.ts';
import { computeValues, shownHelmMajor } from './compute-values.ts';
import { sanitizeForJsonb } from './sanitize-for-jsonb.ts';
import { findDifferences, showValue } from './value-differences.ts';
import { majorsAgree, type ValuesByMajor } from './values-by-major.ts';

/** Largest number of differences that are named, and of characters of the sentence that is stored. */
const maxNamedDifferences = 10;
const maxExplanationLength = 1_000;

/**
 * Compares the values that Helm 3 and 4 compute of a chart.
 * @param valuesIn those values
 * @param subject the chart, for the sentence
 * @returns a sentence that names the differences; undefined where there are none
 * @throws {RegistryError} as {@link computeValues}
 */
export function explainMajorDifferences(
  chart: Chart,
  valuesIn: ValuesByMajor,
  subject: string,
): string | undefined {
  if (majorsAgree(chart)) return undefined;
  return describeMajorDifferences(valuesIn(3).values, valuesIn(4).values, subject);
}

/** Computes the values of a chart that are stored with it. `valuesMajors` says which Helm 3 computes otherwise. */
export function computeStoredValues(chart: Chart): { values: JsonObject; valuesMajors?: string } {
  const { values } = computeValues(chart);
  const valuesMajors = explainStoredMajorDifferences(chart, values);
  return { values: sanitizeForJsonb(values), ...(valuesMajors === undefined ? {} : { valuesMajors }) };
}

/**
 * Compares the computed values of a stored chart with those of Helm 3.
 * The sentence is one that PostgreSQL can store.
 * @param values those of Helm 4
 */
export function explainStoredMajorDifferences(chart: Chart, values: JsonObject): string | undefined {
  if (majorsAgree(chart)) return undefined;
  try {
    const three = computeValues(chart, { major: 3 }).values;
    const text = describeMajorDifferences(three, values, 'this chart');
    return text && boundText(toStorableText(text), maxExplanationLength);
  } catch (error) {
    if (!isRegistryError(error, 'values.invalid')) throw error;
    return `Helm ${shownHelmMajor} computes these values; those of Helm 3 take too many steps to compute.`;
  }
}

function describeMajorDifferences(three: JsonObject, four: JsonObject, subject: string): string | undefined {
  const differences = findDifferences(three, four, true);
  if (differences.length === 0) return undefined;
  const shown = differences
    .slice(0, maxNamedDifferences)
    .map(
      ({ path, left, right }) =>
        `${path.join('.')} (Helm 3: ${showValue(left)}, Helm 4: ${showValue(right)})`,
    );
  const more =
    differences.length > maxNamedDifferences ? `, and ${differences.length - maxNamedDifferences} more` : '';
  return `Helm 3 and 4 compute different values of ${subject}: ${shown.join(', ')}${more}. Those of Helm ${shownHelmMajor} are shown.`;
}
