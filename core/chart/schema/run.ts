import { boundText } from '../../runtime/bound-text.ts';
import type { Json, JsonObject } from '../../yaml/json.ts';
import { type Budget, maxDepth, SchemaExceeded, spend } from './budget.ts';
import type { SchemaNode } from './node.ts';
import { appendToken } from './pointer.ts';
import type { Resource } from './resource.ts';

/** Fault of values against a schema. */
export interface SchemaFault {
  /** Keys and indexes to the value. */
  path: string[];
  /** JSON pointer into the schema, as a fragment. */
  schema: string;
  message: string;
}

/** A single asking of a schema about a value. */
export interface Run {
  budget: Budget;
  /** Times that a schema elsewhere was met: it was taken to allow the value. */
  unknowns: number;
  /** Faults that were found; undefined while only the verdict counts, and the first fault ends the search. */
  faults: SchemaFault[] | undefined;
  /** Metaschema that is asked, and the resources of the schema that is the value. */
  meta: Meta | undefined;
  /** Values that properties of the root have taken before. */
  memory: PropertyMemory | undefined;
  /** Evaluates another schema on the same value; what it evaluates counts for the caller. */
  visitSelf(node: SchemaNode, value: Json, scope: Scope, unevaluated: Unevaluated | undefined): boolean;
  /** Evaluates a schema on a part of the value. */
  visitPart(node: SchemaNode, value: Json, scope: Scope, key: string | number): boolean;
  /** Evaluates a schema on a key by itself. */
  visitName(node: SchemaNode, name: string): boolean;
}

/** Remembers of each property of the root the value that it took last. */
export interface PropertyMemory {
  recall(key: string, value: Json): Taken | undefined;
  keep(key: string, value: Json, taken: Taken): void;
}

export interface Taken {
  steps: number;
  unknowns: number;
}

export interface Meta {
  node: SchemaNode;
  resources: ReadonlyMap<string, Resource>;
  nodeOf(resource: Resource): SchemaNode;
}

/** Place of an evaluation: the schema, and the way to the value. */
export interface Scope {
  node: SchemaNode;
  parent: Scope | undefined;
  /** Key or index when the value is a part of the parent's. */
  key: string | number | undefined;
  depth: number;
  /** Keys of the value, once they were asked for, at the first schema that met it. */
  keys: readonly string[] | undefined;
}

/** Record of what no schema has evaluated yet: all of a value but what is listed here. */
export interface Unevaluated {
  /** Keys or items of the value. */
  size: number;
  /** Items at the start that are evaluated; of a map, its size once all of it is. */
  prefix: number;
  /** Keys, or indexes, that are evaluated. */
  evaluated: Set<string | number>;
}

const maxFaults = 20;

/** Characters of a message, or a place, that quotes the schema. */
const maxQuoted = 300;

export function createScope(node: SchemaNode, parent?: Scope, key?: string | number): Scope {
  const depth = parent ? parent.depth + 1 : 0;
  if (depth > maxDepth) throw new SchemaExceeded(`more than ${maxDepth} levels`);
  return { node, parent, key, depth, keys: undefined };
}

/** Reports a fault, if faults are asked for; always false, so that callers can return it. */
export function fail(run: Run, scope: Scope, keyword: string, message: string, key?: string | number): false {
  if (run.faults && run.faults.length < maxFaults) {
    const path = pathOf(run, scope);
    if (key !== undefined) path.push(String(key));
    const schema = boundText(appendToken(scope.node.location, keyword), maxQuoted);
    run.faults.push({ path, schema, message: boundText(message, maxQuoted) });
  }
  return false;
}

/** Asks for a verdict only: for alternatives, of which each may fail. */
export function silently(run: Run, ask: () => boolean): boolean {
  const { faults } = run;
  run.faults = undefined;
  const verdict = ask();
  run.faults = faults;
  return verdict;
}

/** Keys and indexes from the root of the values. */
export function pathOf(run: Run, scope: Scope): string[] {
  const path: string[] = [];
  spend(run.budget, scope.depth >> 3);
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    if (at.key !== undefined) path.push(String(at.key));
  }
  return path.reverse();
}

/** Lists the keys of the value that a scope is about: once, however many schemas meet it. */
export function keysOf(scope: Scope, value: JsonObject): readonly string[] {
  let first = scope;
  while (first.parent && first.key === undefined) first = first.parent;
  first.keys ??= Object.keys(value);
  return first.keys;
}

/** Whether nothing is left to evaluate, or nobody asks. An index counts once, so a list may be through without being told so. */
export function isAllEvaluated(unevaluated: Unevaluated | undefined): boolean {
  if (!unevaluated) return true;
  const { size, prefix, evaluated } = unevaluated;
  return prefix >= size || (prefix === 0 && evaluated.size >= size);
}
