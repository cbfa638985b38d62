import { getKey, isObject, type Json } from '../../yaml/json.ts';
import { splitPointer } from '../../yaml/json-pointer.ts';
import type { Dialect } from './drafts.ts';
import { SchemaBroken } from './errors.ts';
import { readTextKeyword } from './keywords.ts';
import { splitFragment } from './uri.ts';

/** A part of a document with its own identifier, and the anchors in it. */
export interface SchemaResource {
  pointer: string;
  id: string;
  dialect: Dialect;
  /** Pointers by anchor. */
  anchors: Map<string, string>;
  dynamicAnchors: Set<string>;
}

/** A JSON document that contains schemas. */
export interface SchemaDocument {
  url: string;
  root: Json;
  /** Resources by pointer. */
  resources: Map<string, SchemaResource>;
  /** Resources by identifier. */
  byId: Map<string, SchemaResource>;
  /** Pointers of the schemas that were collected. */
  collected: Set<string>;
}

/** Creates a resource without anchors. */
export function createResource(pointer: string, id: string, dialect: Dialect): SchemaResource {
  return { pointer, id, dialect, anchors: new Map(), dynamicAnchors: new Set() };
}

/** Finds the resource that a part of a document belongs to. */
export function resourceAt(document: SchemaDocument, pointer: string): SchemaResource {
  for (let place = pointer; ; place = place.slice(0, place.lastIndexOf('/'))) {
    const found = document.resources.get(place);
    if (found) return found;
    if (place === '') throw new Error('a document without a resource at its root');
  }
}

/**
 * Finds a part of a document.
 *
 * @throws {SchemaBroken} if there is none
 */
export function findPart(document: SchemaDocument, pointer: string): Json {
  let value = document.root;
  for (const token of splitPointer(pointer) ?? []) {
    const child = childOf(value, token);
    if (child === undefined) throw new SchemaBroken(`its reference #${pointer} points to nothing`);
    value = child;
  }
  if (splitPointer(pointer)) return value;
  throw new SchemaBroken(`its reference #${pointer} is not a JSON pointer`);
}

/** Returns the part of a list or map under a token of a pointer. */
export function childOf(value: Json | undefined, token: string | number): Json | undefined {
  if (Array.isArray(value)) return /^[+-]?\d+$/.test(String(token)) ? value[Number(token)] : undefined;
  return isObject(value) ? getKey(value, String(token)) : undefined;
}

/**
 * Resolves a fragment in a resource to a pointer.
 *
 * @throws {SchemaBroken} for an unknown anchor
 */
export function resolveFragment(resource: SchemaResource, fragment: string): string {
  if (fragment === '' || fragment.startsWith('/')) return resource.pointer + fragment;
  const pointer = resource.anchors.get(fragment);
  if (pointer === undefined) throw new SchemaBroken(`its reference #${fragment} points to no anchor`);
  return pointer;
}

/**
 * Adds a schema's anchors to its resource.
 * @throws {SchemaBroken} for a duplicate anchor
 */
export function collectAnchors(resource: SchemaResource, schema: Json, pointer: string): void {
  if (!isObject(schema)) return;
  const { version, id } = resource.dialect.draft;
  if (version < 2019) {
    if (Object.hasOwn(schema, '$ref')) return;
    const split = splitFragment(readTextKeyword(schema, id) ?? '');
    if (!split) throw new SchemaBroken(`its ${id} ${readTextKeyword(schema, id)} is not a URL`);
    if (split.fragment !== '' && !split.fragment.startsWith('/'))
      addAnchor(resource, split.fragment, pointer);
    return;
  }
  const anchor = readTextKeyword(schema, '$anchor');
  if (anchor !== undefined) addAnchor(resource, anchor, pointer);
  const dynamic = version >= 2020 ? readTextKeyword(schema, '$dynamicAnchor') : undefined;
  if (dynamic === undefined) return;
  addAnchor(resource, dynamic, pointer);
  resource.dynamicAnchors.add(dynamic);
}

function addAnchor({ anchors }: SchemaResource, anchor: string, pointer: string): void {
  const known = anchors.get(anchor);
  if (known !== undefined && known !== pointer) throw new SchemaBroken(`its anchor ${anchor} occurs twice`);
  anchors.set(anchor, pointer);
}
