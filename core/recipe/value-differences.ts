import { boundText } from '../runtime/bound-text.ts';
import { getKey, isObject, type Json, type JsonObject } from '../yaml/json.ts';

/** A place where two sets of values are not the same; undefined is nothing. */
export interface Difference {
  path: string[];
  left: Json | undefined;
  right: Json | undefined;
}

/**
 * Compares two sets of values, map by map.
 * @param nullCounts whether null is something else than nothing: `toYaml` prints it, nothing else in a template tells
 */
export function findDifferences(left: JsonObject, right: JsonObject, nullCounts: boolean): Difference[] {
  const found: Difference[] = [];
  compare(left, right, [], nullCounts, found);
  return found;
}

function compare(
  left: Json | undefined,
  right: Json | undefined,
  path: string[],
  nullCounts: boolean,
  found: Difference[],
): void {
  if (left === right) return;
  if (isObject(left) && isObject(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      compare(getKey(left, key), getKey(right, key), [...path, key], nullCounts, found);
    }
    return;
  }
  const one = plain(left, path, nullCounts);
  const other = plain(right, path, nullCounts);
  if (JSON.stringify(one) !== JSON.stringify(other)) found.push({ path, left: one, right: other });
}

/** Helm adds an empty `global` to charts that it merges, and there is nothing in it. */
function plain(value: Json | undefined, path: readonly string[], nullCounts: boolean): Json | undefined {
  if (value === null && !nullCounts) return undefined;
  const empty = path.at(-1) === 'global' && isObject(value) && Object.keys(value).length === 0;
  return empty ? undefined : value;
}

const longest = 60;

/** Shows a value in a message. */
export function showValue(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  return boundText(JSON.stringify(value), longest);
}
