import { boundText } from '../../runtime/bound-text.ts';
import type { Json, JsonObject } from '../../yaml/json.ts';
import { appendPointer } from '../../yaml/json-pointer.ts';
import { type Budget, maxDepth, spend } from './budget.ts';
import { SchemaExceeded } from './errors.ts';
import type { SchemaNode } from './node.ts';
import type { SchemaResource } from './resource.ts';

/** A fault of values against a schema. */
export interface SchemaFault {
  /** Keys and indexes to the value. */
  path: string[];
  /** JSON pointer into the schema, as a fragment. */
  schema: string;
  message: string;
}

/** The state of one validation. */
export interface Run {
  budget: Budget;
  /** Number of times that a schema elsewhere was met and taken to allow the value. */
  unknowns: number;
  /** Faults found; undefined if only the result counts, and evaluation may stop at the first fault. */
  faults: SchemaFault[] | undefined;
  /** The metaschema and the value's resources, if the value is a schema. */
  meta: MetaschemaContext | undefined;
  /** Cache of values that properties of the root have passed. */
  cache: PropertyCache | undefined;
  /** Evaluates another schema on the same value; parts that it evaluates count for the caller. */
  visitSelf(
    node: SchemaNode,
    value: Json,
    scope: EvaluationScope,
    unevaluated: Unevaluated | undefined,
  ): boolean;
  /** Evaluates a schema on a part of the value. */
  visitPart(node: SchemaNode, value: Json, scope: EvaluationScope, key: string | number): boolean;
  /** Evaluates a schema on a key by itself. */
  visitName(node: SchemaNode, name: string): boolean;
}

/** Caches, for each property of the root, the last value that passed. */
export interface PropertyCache {
  get(key: string, value: Json): CachedEvaluation | undefined;
  set(key: string, value: Json, evaluation: CachedEvaluation): void;
}

/** Costs of a cached evaluation, which are charged again. */
export interface CachedEvaluation {
  steps: number;
  unknowns: number;
}

/** The metaschema of a validation whose value is a schema. */
export interface MetaschemaContext {
  node: SchemaNode;
  resources: ReadonlyMap<string, SchemaResource>;
  nodeOf(resource: SchemaResource): SchemaNode;
}

/** Place of an evaluation: the schema, and the path to the value. */
export interface EvaluationScope {
  node: SchemaNode;
  parent: EvaluationScope | undefined;
  /** Key or index, if the value is a part of the parent's value. */
  key: string | number | undefined;
  depth: number;
  /** Keys of the value, listed on first use and kept at the outermost schema that meets the value. */
  keys: readonly string[] | undefined;
}

/** Record of the parts of a value that no schema has evaluated: all except those listed. */
export interface Unevaluated {
  /** Number of keys or items of the value. */
  size: number;
  /** Number of items at the start that are evaluated; for a map, its size once all of it is. */
  prefix: number;
  /** Evaluated keys or indexes. */
  evaluated: Set<string | number>;
}

/** Largest number of reported faults. */
const maxFaults = 20;

/** Largest length of a message or location that quotes the schema, in characters. */
const maxQuoted = 300;

/**
 * Creates the scope of a schema below another.
 * @throws {SchemaExceeded} beyond the limit of nesting
 */
export function createScope(
  node: SchemaNode,
  parent?: EvaluationScope,
  key?: string | number,
): EvaluationScope {
  const depth = parent ? parent.depth + 1 : 0;
  if (depth > maxDepth) throw new SchemaExceeded(`more than ${maxDepth} levels`);
  return { node, parent, key, depth, keys: undefined };
}

/** Reports a fault, if faults are collected; always false, so that callers can return it. */
export function reportFault(
  run: Run,
  scope: EvaluationScope,
  keyword: string,
  message: string,
  key?: string | number,
): false {
  if (run.faults && run.faults.length < maxFaults) {
    const path = pathOf(run, scope);
    if (key !== undefined) path.push(String(key));
    const schema = boundText(appendPointer(scope.node.location, keyword), maxQuoted);
    run.faults.push({ path, schema, message: boundText(message, maxQuoted) });
  }
  return false;
}

/** Evaluates without collecting faults: an alternative may fail. */
export function withoutFaults(run: Run, evaluate: () => boolean): boolean {
  const { faults } = run;
  run.faults = undefined;
  const verdict = evaluate();
  run.faults = faults;
  return verdict;
}

/** Returns the keys and indexes from the root of the values. */
export function pathOf(run: Run, scope: EvaluationScope): string[] {
  const path: string[] = [];
  spend(run.budget, scope.depth >> 3);
  for (let at: EvaluationScope | undefined = scope; at; at = at.parent) {
    if (at.key !== undefined) path.push(String(at.key));
  }
  return path.reverse();
}

/** Lists the keys of a scope's value, once for all schemas that meet the value. */
export function keysOf(scope: EvaluationScope, value: JsonObject): readonly string[] {
  let first = scope;
  while (first.parent && first.key === undefined) first = first.parent;
  first.keys ??= Object.keys(value);
  return first.keys;
}

/**
 * Checks whether nothing remains unevaluated, or no caller tracks it.
 * An index may be both in the prefix and the list, so a list may be complete without being seen to be.
 */
export function isAllEvaluated(unevaluated: Unevaluated | undefined): boolean {
  if (!unevaluated) return true;
  const { size, prefix, evaluated } = unevaluated;
  return prefix >= size || (prefix === 0 && evaluated.size >= size);
}
