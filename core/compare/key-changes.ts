import { compareBytes } from '../archive/chart-order.ts';
import { equalJson, getKey, isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import { type CompareBudget, chargeValues } from './budget.ts';
import type { ChangeKind, CompareOptions, KeyChange, ListPage } from './comparison.ts';
import { createPageCollector } from './list-page.ts';

/** Longest pointer in characters; keys may have megabytes. */
const maxPointerLength = 4096;

/**
 * Lists the changed keys of two maps, sorted, at any depth.
 * Maps are compared key by key. Anything else, lists too, is compared as a whole, since Helm replaces it as a whole. A map
 * that only one side has is one change.
 */
export function listKeyChanges(
  from: JsonObject,
  to: JsonObject,
  options: Pick<CompareOptions, 'start' | 'limit'>,
  budget: CompareBudget,
): ListPage<KeyChange> {
  const { add, page } = createPageCollector<KeyChange>(options);
  const path: string[] = [];
  const visit = (left: JsonObject, right: JsonObject): void => {
    for (const key of sortedKeys(left, right)) {
      const before = getKey(left, key);
      const after = getKey(right, key);
      path.push(key);
      if (isObject(before) && isObject(after)) visit(before, after);
      else if (before === undefined || after === undefined || !equalJson(before, after))
        add(() => describeChange(path, before, after, budget));
      path.pop();
    }
  };
  visit(from, to);
  return page;
}

function sortedKeys(left: JsonObject, right: JsonObject): string[] {
  const added = Object.keys(right).filter((key) => !Object.hasOwn(left, key));
  return [...Object.keys(left), ...added].sort(compareBytes);
}

function describeChange(
  path: readonly string[],
  from: Json | undefined,
  to: Json | undefined,
  budget: CompareBudget,
): KeyChange {
  const { pointer, isWhole } = writePointer(path);
  const isShown = chargeValues(budget, [from, to]);
  if (!isWhole || !isShown) budget.truncated = true;
  return {
    pointer,
    change: changeKindOf(from, to),
    ...(isShown ? presentSides(from, to) : {}),
    ...(isWhole && isShown ? {} : { truncated: true }),
  };
}

/** Writes a pointer up to its longest length, without looking at the keys behind. */
function writePointer(path: readonly string[]): { pointer: string; isWhole: boolean } {
  let pointer = '';
  for (const key of path) {
    if (pointer.length + key.length >= maxPointerLength) return { pointer, isWhole: false };
    pointer = appendPointer(pointer, key);
  }
  return { pointer, isWhole: true };
}

/** Tells how something differs that a side may lack. */
export function changeKindOf(from: unknown, to: unknown): ChangeKind {
  if (from === undefined) return 'added';
  return to === undefined ? 'removed' : 'changed';
}

/** Makes the fields of the sides that there are. */
export function presentSides<T>(from: T | undefined, to: T | undefined): { from?: T; to?: T } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
