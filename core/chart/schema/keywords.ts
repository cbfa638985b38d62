import { getKey, isObject, type Json, type JsonObject } from '../../yaml/json.ts';
import type { Budget } from './budget.ts';
import type { Dialect } from './drafts.ts';
import type { SchemaNode } from './node.ts';
import { wrapInteger } from './number.ts';

/** Gives the compilers of keywords the nodes of a schema's subschemas and references. */
export interface SchemaLinker {
  budget: Budget;
  dialect: Dialect;
  assertsFormats: boolean;
  /** Returns the node of the subschema under a keyword, or under a token in it. */
  subschema(key: string, token?: string | number): SchemaNode;
  /** Returns the node that a reference means. */
  resolve(reference: string): SchemaNode;
}

// Keywords of one schema, each read as the type it must have; another type counts as no keyword.

/** Reads a keyword that must be a text. */
export function readTextKeyword(schema: JsonObject, key: string): string | undefined {
  const value = getKey(schema, key);
  return typeof value === 'string' ? value : undefined;
}

/** Reads a keyword that must be a number. */
export function readNumberKeyword(schema: JsonObject, key: string): number | undefined {
  const value = getKey(schema, key);
  return typeof value === 'number' ? value : undefined;
}

/** Reads a keyword that must be a whole number. */
export function readCountKeyword(schema: JsonObject, key: string): number | undefined {
  const value = readNumberKeyword(schema, key);
  return value !== undefined && Number.isInteger(value) ? wrapInteger(value) : undefined;
}

/** Reads a keyword that must be a list. */
export function readListKeyword(schema: JsonObject, key: string): Json[] | undefined {
  const value = getKey(schema, key);
  return Array.isArray(value) ? value : undefined;
}

/** Reads a keyword that must be a map. */
export function readMapKeyword(schema: JsonObject, key: string): JsonObject | undefined {
  const value = getKey(schema, key);
  return isObject(value) ? value : undefined;
}

/** Checks whether a schema has any of these keywords. */
export function hasAny(schema: JsonObject, keys: ReadonlySet<string>): boolean {
  for (const key in schema) if (keys.has(key)) return true;
  return false;
}

/** Keeps the texts of a list. */
export function textsOf(list: readonly Json[]): string[] {
  return list.filter((item) => typeof item === 'string');
}
