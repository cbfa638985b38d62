import { boundText } from '../runtime/bound-text.ts';
import { getKey, isObject, type Json, type JsonObject } from '../yaml/json.ts';

/** A place where two sets of values differ; undefined means absent. */
export interface Difference {
  path: string[];
  left: Json | undefined;
  right: Json | undefined;
}

/**
 * Compares two sets of values, map by map.
 * @param nullCounts whether null differs from an absent value: in templates, only `toYaml` shows the difference
 */
export function findDifferences(left: JsonObject, right: JsonObject, nullCounts: boolean): Difference[] {
  const found: Difference[] = [];
  collectDifferences(left, right, [], nullCounts, found);
  return found;
}

function collectDifferences(
  left: Json | undefined,
  right: Json | undefined,
  path: string[],
  nullCounts: boolean,
  found: Difference[],
): void {
  if (left === right) return;
  if (isObject(left) && isObject(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      collectDifferences(getKey(left, key), getKey(right, key), [...path, key], nullCounts, found);
    }
    return;
  }
  const before = dropInsignificant(left, path, nullCounts);
  const after = dropInsignificant(right, path, nullCounts);
  if (JSON.stringify(before) !== JSON.stringify(after)) found.push({ path, left: before, right: after });
}

/** Maps insignificant values to undefined. Helm adds an empty `global` to charts that it merges. */
function dropInsignificant(
  value: Json | undefined,
  path: readonly string[],
  nullCounts: boolean,
): Json | undefined {
  if (value === null && !nullCounts) return undefined;
  const empty = path.at(-1) === 'global' && isObject(value) && Object.keys(value).length === 0;
  return empty ? undefined : value;
}

const maxShown = 60;

/** Formats a value for a message, cut to 60 characters. */
export function showValue(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  return boundText(JSON.stringify(value), maxShown);
}
