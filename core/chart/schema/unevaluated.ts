import { getKey, isObject, type Json } from '../../yaml/json.ts';
import { type Budget, spend } from './budget.ts';
import type { SchemaNode } from './node.ts';
import { isAllEvaluated, type Run, type Scope, type Unevaluated } from './run.ts';

/**
 * Starts to count what no schema has evaluated, if anybody asks.
 *
 * @param caller the count of the schema that this one is a part of, on the same value
 */
export function startUnevaluated(
  { object, array, unevaluatedProperties, unevaluatedItems, fixed }: SchemaNode,
  value: Json,
  caller: Unevaluated | undefined,
): Unevaluated | undefined {
  const isAsked = !isAllEvaluated(caller);
  if (!isAsked && !unevaluatedProperties && !unevaluatedItems) return undefined;
  if (Array.isArray(value)) {
    const prefix = array?.prefix.length ?? 0;
    const takesRest = array?.rest !== undefined && fixed === undefined;
    if (takesRest || !(isAsked || unevaluatedItems) || prefix >= value.length) return undefined;
    const indexes = new Set<number>();
    for (let index = prefix; index < value.length; index += 1) indexes.add(index);
    return { keys: undefined, indexes };
  }
  if (!isObject(value) || object?.additionalProperties !== undefined) return undefined;
  if (!isAsked && !unevaluatedProperties) return undefined;
  return { keys: new Set(Object.keys(value)), indexes: undefined };
}

/** Takes away from a count what a part of the schema has evaluated. */
export function dropEvaluated(
  caller: Unevaluated | undefined,
  part: Unevaluated | undefined,
  budget: Budget,
): void {
  if (!caller) return;
  spend(budget, ((caller.keys?.size ?? 0) + (caller.indexes?.size ?? 0)) >> 2);
  for (const key of caller.keys ?? []) if (!part?.keys?.has(key)) caller.keys?.delete(key);
  for (const index of caller.indexes ?? []) if (!part?.indexes?.has(index)) caller.indexes?.delete(index);
}

/** Counts everything as evaluated. */
export function dropAll(unevaluated: Unevaluated): void {
  unevaluated.keys = undefined;
  unevaluated.indexes = undefined;
}

/** Evaluates `unevaluatedProperties` and `unevaluatedItems` on what is left. */
export function evaluateRest(
  run: Run,
  value: Json,
  scope: Scope,
  unevaluated: Unevaluated | undefined,
): boolean {
  const { unevaluatedProperties, unevaluatedItems } = scope.node;
  if (!unevaluated || scope.node.version < 2019) return true;
  let isValid = true;
  if (unevaluatedProperties && isObject(value)) {
    for (const key of unevaluated.keys ?? []) {
      isValid = run.visitPart(unevaluatedProperties, getKey(value, key) ?? null, scope, key) && isValid;
      if (!isValid && !run.faults) return false;
    }
    unevaluated.keys = undefined;
  }
  if (unevaluatedItems && Array.isArray(value)) {
    for (const index of unevaluated.indexes ?? []) {
      isValid = run.visitPart(unevaluatedItems, value[index] ?? null, scope, index) && isValid;
      if (!isValid && !run.faults) return false;
    }
    unevaluated.indexes = undefined;
  }
  return isValid;
}
