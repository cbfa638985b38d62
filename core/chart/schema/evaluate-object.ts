import { getKey, type Json, type JsonObject } from '../../yaml/json.ts';
import { spend } from './budget.ts';
import type { ObjectKeywords, SchemaNode } from './node.ts';
import {
  type EvaluationScope,
  keysOf,
  type Run,
  reportFault,
  type Unevaluated,
  withoutFaults,
} from './run.ts';

/** Number of a schema's properties below which a value's keys are not counted. */
const maxProbedNames = 8;

/** Evaluates the keywords about maps. */
export function evaluateObject(
  run: Run,
  keywords: ObjectKeywords,
  value: JsonObject,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  let isValid = evaluateSize(run, keywords, value, scope);
  spend(run.budget, (keywords.dependentRequired.length + keywords.dependentSchemas.length) >> 3);
  for (const [key, names] of keywords.dependentRequired) {
    if (!Object.hasOwn(value, key) || !(isValid || run.faults)) continue;
    isValid = requireKeys(run, names, value, scope, 'dependentRequired') && isValid;
  }
  for (const [key, node] of keywords.dependentSchemas) {
    if (!Object.hasOwn(value, key) || !(isValid || run.faults)) continue;
    isValid = run.visitSelf(node, value, scope, unevaluated) && isValid;
  }
  const keys = keysToVisit(keywords, value, scope);
  spend(run.budget, keys.length);
  for (const key of keys) {
    if (!isValid && !run.faults) return false;
    if (!Object.hasOwn(value, key)) continue;
    const item = getKey(value, key) ?? null;
    const verdict = evaluateProperty(run, keywords, { key, item }, scope);
    if (verdict.isEvaluated) unevaluated?.evaluated.add(key);
    isValid = verdict.isValid && isValid;
    if (keywords.propertyNames)
      isValid = evaluatePropertyName(run, keywords.propertyNames, key, scope) && isValid;
  }
  return isValid;
}

/** Lists the keys to evaluate: the schema's, if they are few and other keys do not matter, else the value's. */
function keysToVisit(keywords: ObjectKeywords, value: JsonObject, scope: EvaluationScope): readonly string[] {
  const { names } = keywords;
  if (names && (names.length < maxProbedNames || names.length < keysOf(scope, value).length)) return names;
  return keysOf(scope, value);
}

function evaluateSize(
  run: Run,
  keywords: ObjectKeywords,
  value: JsonObject,
  scope: EvaluationScope,
): boolean {
  const { minProperties, maxProperties, required } = keywords;
  let isValid = true;
  if (minProperties !== undefined || maxProperties !== undefined) {
    const size = keysOf(scope, value).length;
    if (minProperties !== undefined && size < minProperties)
      isValid = reportFault(
        run,
        scope,
        'minProperties',
        `must have at least ${minProperties} keys, not ${size}`,
      );
    if (maxProperties !== undefined && size > maxProperties)
      isValid = reportFault(
        run,
        scope,
        'maxProperties',
        `must have at most ${maxProperties} keys, not ${size}`,
      );
  }
  return requireKeys(run, required, value, scope, 'required') && isValid;
}

function requireKeys(
  run: Run,
  names: readonly string[],
  value: JsonObject,
  scope: EvaluationScope,
  keyword: string,
): boolean {
  let isValid = true;
  spend(run.budget, names.length >> 1);
  for (const name of names) {
    if (Object.hasOwn(value, name)) continue;
    if (!run.faults) return false;
    isValid = reportFault(run, scope, keyword, `must have the key "${name}"`);
  }
  return isValid;
}

function evaluateProperty(
  run: Run,
  { properties, patternProperties, additionalProperties }: ObjectKeywords,
  { key, item }: { key: string; item: Json },
  scope: EvaluationScope,
): { isEvaluated: boolean; isValid: boolean } {
  const named = properties.get(key);
  let isEvaluated = named !== undefined;
  let isValid = named ? evaluateListedProperty(run, named, { key, item }, scope) : true;
  for (const { pattern, node } of patternProperties) {
    if (!pattern.matches(key, run.budget)) continue;
    isEvaluated = true;
    isValid = run.visitPart(node, item, scope, key) && isValid;
  }
  if (isEvaluated || additionalProperties === undefined) return { isEvaluated, isValid };
  if (typeof additionalProperties !== 'boolean')
    return { isEvaluated: true, isValid: run.visitPart(additionalProperties, item, scope, key) };
  const isAllowed =
    additionalProperties || reportFault(run, scope, 'additionalProperties', 'is not allowed here', key);
  return { isEvaluated: true, isValid: isAllowed };
}

/** Evaluates a property; for a property of the root, a valid result is cached. */
function evaluateListedProperty(
  run: Run,
  node: SchemaNode,
  { key, item }: { key: string; item: Json },
  scope: EvaluationScope,
): boolean {
  const cache = scope.depth === 0 ? run.cache : undefined;
  const cached = cache?.get(key, item);
  if (cached) {
    // The steps are taken again: a result must not depend on earlier validations.
    spend(run.budget, cached.steps);
    run.unknowns += cached.unknowns;
    return true;
  }
  const { remaining } = run.budget;
  const { unknowns } = run;
  const isValid = run.visitPart(node, item, scope, key);
  if (isValid)
    cache?.set(key, item, { steps: remaining - run.budget.remaining, unknowns: run.unknowns - unknowns });
  return isValid;
}

function evaluatePropertyName(run: Run, node: SchemaNode, name: string, scope: EvaluationScope): boolean {
  return (
    withoutFaults(run, () => run.visitName(node, name)) ||
    reportFault(run, scope, 'propertyNames', 'has a name that is not allowed here', name)
  );
}
