import { getKey, isObject, type Json } from '../../yaml/json.ts';
import { type Budget, spend } from './budget.ts';
import { type EvaluationScope, isAllEvaluated, keysOf, type Run, type Unevaluated } from './run.ts';

/**
 * Starts a record of unevaluated parts, if the schema or its caller needs one.
 * Evaluated parts are listed, not the remaining ones. So a start costs nothing on a large value, and a schema of many
 * small parts takes linear time.
 *
 * @param caller the record of the schema that this one is a part of, on the same value
 */
export function startUnevaluated(
  scope: EvaluationScope,
  value: Json,
  caller: Unevaluated | undefined,
): Unevaluated | undefined {
  const { object, array, unevaluatedProperties, unevaluatedItems, result } = scope.node;
  if (!unevaluatedProperties && !unevaluatedItems && isAllEvaluated(caller)) return undefined;
  const callerTracks = !isAllEvaluated(caller);
  if (Array.isArray(value)) {
    const prefix = array?.prefix.length ?? 0;
    const coversRest = array?.rest !== undefined && result === undefined;
    if (coversRest || !(callerTracks || unevaluatedItems) || prefix >= value.length) return undefined;
    return { size: value.length, prefix, evaluated: new Set() };
  }
  if (!isObject(value) || object?.additionalProperties !== undefined) return undefined;
  if (!callerTracks && !unevaluatedProperties) return undefined;
  return { size: keysOf(scope, value).length, prefix: 0, evaluated: new Set() };
}

/** Adds the parts that a subschema has evaluated to its caller's record. The smaller list is added to the larger. */
export function recordEvaluated(
  caller: Unevaluated | undefined,
  part: Unevaluated | undefined,
  budget: Budget,
): void {
  if (!caller) return;
  if (!part) {
    recordAllEvaluated(caller);
    return;
  }
  const isLarger = part.evaluated.size > caller.evaluated.size;
  const [larger, smaller] = isLarger
    ? [part.evaluated, caller.evaluated]
    : [caller.evaluated, part.evaluated];
  spend(budget, smaller.size >> 2);
  for (const key of smaller) larger.add(key);
  caller.evaluated = larger;
  caller.prefix = Math.max(caller.prefix, part.prefix);
}

/** Records all parts as evaluated. */
export function recordAllEvaluated(unevaluated: Unevaluated): void {
  unevaluated.prefix = unevaluated.size;
}

/** Evaluates `unevaluatedProperties` and `unevaluatedItems` on the remaining parts. */
export function evaluateUnevaluatedKeywords(
  run: Run,
  value: Json,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  const { unevaluatedProperties, unevaluatedItems, version } = scope.node;
  if (!unevaluated || version < 2019 || isAllEvaluated(unevaluated)) return true;
  let isValid = true;
  if (unevaluatedProperties && isObject(value)) {
    spend(run.budget, unevaluated.size >> 4);
    for (const key of keysOf(scope, value)) {
      if (unevaluated.evaluated.has(key)) continue;
      isValid = run.visitPart(unevaluatedProperties, getKey(value, key) ?? null, scope, key) && isValid;
      if (!isValid && !run.faults) return false;
    }
    recordAllEvaluated(unevaluated);
  }
  if (unevaluatedItems && Array.isArray(value)) {
    spend(run.budget, unevaluated.size >> 4);
    for (let index = unevaluated.prefix; index < value.length; index += 1) {
      if (unevaluated.evaluated.has(index)) continue;
      isValid = run.visitPart(unevaluatedItems, value[index] ?? null, scope, index) && isValid;
      if (!isValid && !run.faults) return false;
    }
    recordAllEvaluated(unevaluated);
  }
  return isValid;
}
