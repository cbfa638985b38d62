import type { Json } from '../../yaml/json.ts';
import { isObject } from '../../yaml/json.ts';
import { appendPointer } from '../../yaml/json-pointer.ts';
import { type Budget, spend } from './budget.ts';
import { isAllowed } from './equality.ts';
import { evaluateArray } from './evaluate-array.ts';
import { evaluateConditions } from './evaluate-conditions.ts';
import { evaluateObject } from './evaluate-object.ts';
import { evaluateNumber, evaluateText } from './evaluate-scalars.ts';
import type { SchemaNode } from './node.ts';
import {
  createScope,
  type EvaluationScope,
  type MetaschemaContext,
  type PropertyCache,
  pathOf,
  type Run,
  reportFault,
  type SchemaFault,
  type Unevaluated,
} from './run.ts';
import {
  evaluateUnevaluatedKeywords,
  recordAllEvaluated,
  recordEvaluated,
  startUnevaluated,
} from './unevaluated.ts';

/**
 * Starts a validation, as `validator.go` of santhosh-tekuri/jsonschema v6 does, which Helm 3.21 and 4.2 use.
 *
 * @param meta set if the value is itself a schema
 */
export function createRun(
  budget: Budget,
  { faults, meta, cache }: { faults?: SchemaFault[]; meta?: MetaschemaContext; cache?: PropertyCache },
): Run {
  const run: Run = {
    budget,
    unknowns: 0,
    faults,
    meta,
    cache,
    visitName: (node, name) => evaluateRoot(run, node, name),
    visitSelf(node, value, scope, unevaluated) {
      const below = createScope(node, scope);
      const record = startUnevaluated(below, value, unevaluated);
      if (!evaluateScoped(run, value, below, record)) return false;
      recordEvaluated(unevaluated, record, budget);
      return true;
    },
    visitPart(node, value, scope, key) {
      const below = createScope(node, scope, key);
      return evaluateScoped(run, value, below, startUnevaluated(below, value, undefined));
    },
  };
  return run;
}

/** Evaluates a schema on a whole value. */
export function evaluateRoot(run: Run, node: SchemaNode, value: Json): boolean {
  const scope = createScope(node);
  return evaluateScoped(run, value, scope, startUnevaluated(scope, value, undefined));
}

/** Evaluates a schema; within a schema, a part that names its own draft is evaluated by that draft's metaschema. */
function evaluateScoped(
  run: Run,
  value: Json,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  const { meta } = run;
  if (!meta || meta.resources.size < 2 || scope.node !== meta.node)
    return evaluate(run, value, scope, unevaluated);
  const resource = meta.resources.get(pathOf(run, scope).reduce<string>(appendPointer, ''));
  if (!resource) return evaluate(run, value, scope, unevaluated);
  const node = meta.nodeOf(resource);
  run.meta = { ...meta, node };
  const verdict = evaluate(run, value, { ...scope, node }, unevaluated);
  run.meta = meta;
  return verdict;
}

function evaluate(
  run: Run,
  value: Json,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  const { node } = scope;
  spend(run.budget, 1);
  if (node.result !== undefined)
    return node.result || reportFault(run, scope, 'false', 'is not allowed here');
  if (node.isExternal) {
    run.unknowns += 1;
    // A schema elsewhere may evaluate any part of the value.
    if (unevaluated) recordAllEvaluated(unevaluated);
    return true;
  }
  if (isCircle(run, scope))
    return reportFault(run, scope, '$ref', 'cannot be checked: the schema refers to itself');
  if (!evaluateTypeAndFormat(run, node, value, scope)) return false;
  let isValid = true;
  if (node.ref) {
    isValid = run.visitSelf(node.ref, value, scope, unevaluated);
    if (node.version < 2019) return isValid;
  }
  for (const evaluatePart of keywordEvaluations) {
    if (!isValid && !run.faults) return false;
    isValid = evaluatePart(run, value, scope, unevaluated) && isValid;
  }
  return isValid;
}

const keywordEvaluations = [
  evaluateType,
  evaluateReferences,
  evaluateConditions,
  evaluateUnevaluatedKeywords,
];

/** Evaluates keywords after whose faults Helm stops. */
function evaluateTypeAndFormat(run: Run, node: SchemaNode, value: Json, scope: EvaluationScope): boolean {
  if (node.types && !hasType(node.types, value))
    return reportFault(run, scope, 'type', `must be ${node.types.join(' or ')}, not ${typeOf(value)}`);
  if (node.constant && !isAllowed(node.constant, value, run.budget))
    return reportFault(run, scope, 'const', `must be ${node.constant.label}`);
  if (node.allowed && !isAllowed(node.allowed, value, run.budget))
    return reportFault(run, scope, 'enum', `must be one of ${node.allowed.label}`);
  if (!node.format || typeof value !== 'string') return true;
  spend(run.budget, value.length >> 4);
  return (
    node.format.isValid(value, run.budget) ||
    reportFault(run, scope, 'format', `must have the format ${node.format.name}`)
  );
}

function evaluateType(
  run: Run,
  value: Json,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  const { node } = scope;
  if (typeof value === 'string') return node.text ? evaluateText(run, node.text, value, scope) : true;
  if (typeof value === 'number') return node.number ? evaluateNumber(run, node.number, value, scope) : true;
  if (Array.isArray(value))
    return node.array ? evaluateArray(run, node.array, value, scope, unevaluated) : true;
  if (isObject(value) && node.object) return evaluateObject(run, node.object, value, scope, unevaluated);
  return true;
}

function evaluateReferences(
  run: Run,
  value: Json,
  scope: EvaluationScope,
  unevaluated: Unevaluated | undefined,
): boolean {
  const { recursiveRef, dynamicRef } = scope.node;
  let isValid = true;
  if (recursiveRef) {
    const target = recursiveRef.recursiveAnchor ? findRecursive(run, scope, recursiveRef) : recursiveRef;
    isValid = run.visitSelf(target, value, scope, unevaluated);
  }
  if (dynamicRef) {
    const { node, anchor } = dynamicRef;
    const isDynamic = anchor !== '' && node.dynamicAnchor === anchor;
    const target = isDynamic ? findDynamic(run, scope, node, anchor) : node;
    isValid = run.visitSelf(target, value, scope, unevaluated) && isValid;
  }
  return isValid;
}

function findRecursive(run: Run, scope: EvaluationScope, fallback: SchemaNode): SchemaNode {
  let found = fallback;
  spend(run.budget, scope.depth >> 3);
  for (let at: EvaluationScope | undefined = scope; at; at = at.parent) {
    if (at.node.resource.recursiveAnchor) found = at.node;
  }
  return found;
}

function findDynamic(run: Run, scope: EvaluationScope, fallback: SchemaNode, anchor: string): SchemaNode {
  let found = fallback;
  spend(run.budget, scope.depth >> 3);
  for (let at: EvaluationScope | undefined = scope; at; at = at.parent) {
    found = at.node.resource.dynamicAnchors?.get(anchor) ?? found;
  }
  return found;
}

function isCircle(run: Run, scope: EvaluationScope): boolean {
  let steps = 0;
  for (let at = scope; at.parent && at.key === undefined; at = at.parent) {
    if (at.parent.node === scope.node) return true;
    steps += 1;
  }
  spend(run.budget, steps >> 3);
  return false;
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function hasType(types: readonly string[], value: Json): boolean {
  return (
    types.includes(typeOf(value)) ||
    (typeof value === 'number' && Number.isInteger(value) && types.includes('integer'))
  );
}
