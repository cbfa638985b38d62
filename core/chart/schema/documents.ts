import { getKey, isObject, type Json, type JsonObject } from '../../yaml/json.ts';
import { appendPointer } from '../../yaml/json-pointer.ts';
import { type Budget, maxDepth, spend } from './budget.ts';
import { type Dialect, type Draft, draftOfUrl, drafts, idOf, vocabulariesOf } from './drafts.ts';
import { SchemaBroken, SchemaExceeded } from './errors.ts';
import { findMetaschema } from './metaschemas.ts';
import {
  collectAnchors,
  createResource,
  resourceAt,
  type SchemaDocument,
  type SchemaResource,
} from './resource.ts';
import { joinUri, parseUri } from './uri.ts';

/** Error of a schema at another address, which Helm fetches and the registry does not. */
export class SchemaElsewhere extends Error {
  override name = 'SchemaElsewhere';
  constructor(readonly url: string) {
    super(`${url} is not fetched`);
  }
}

/** Documents that belong to one schema, by URL. */
export interface Documents {
  /**
   * Opens the document of a URL.
   * @returns whether the document has just been read
   * @throws {SchemaBroken} for a URL that Helm does not read
   * @throws {SchemaElsewhere}
   */
  open(url: string): { document: SchemaDocument; isNew: boolean };
  /** Collects resources in a part of a document that was not known as a schema; returns whether the part was new. */
  include(document: SchemaDocument, schema: Json, pointer: string): boolean;
}

/** Dialect of a schema that names no draft. */
const defaultDialect: Dialect = { draft: drafts['2020'], vocabularies: undefined };

/** The values.schema.json whose documents are found, with the budget of reading it. */
interface SchemaSource {
  url: string;
  root: Json;
  budget: Budget;
}

/**
 * Finds documents, and in each the identifiers and anchors, as `roots.go` of santhosh-tekuri/jsonschema v6 does.
 *
 * @param root document of the URL `url`
 */
export function createDocuments(url: string, root: Json, budget: Budget): Documents {
  const source: SchemaSource = { url, root, budget };
  const documents = new Map<string, SchemaDocument>();
  return {
    open(from) {
      const known = documents.get(from);
      if (known) return { document: known, isNew: false };
      const document: SchemaDocument = {
        url: from,
        root: readDocument(source, from),
        resources: new Map(),
        byId: new Map(),
        collected: new Set(),
      };
      collectResources(source, document, document.root, {
        base: from,
        pointer: '',
        fallback: defaultDialect,
        depth: 0,
      });
      documents.set(from, document);
      return { document, isNew: true };
    },
    include(document, schema, pointer) {
      if (document.collected.has(pointer)) return false;
      const { id, dialect } = resourceAt(document, pointer);
      collectResources(source, document, schema, { base: id, pointer, fallback: dialect, depth: 0 });
      if (!document.resources.has(pointer)) collectAnchors(resourceAt(document, pointer), schema, pointer);
      return true;
    },
  };
}

/** Returns the content of a document: the values.schema.json itself, or a metaschema. */
function readDocument({ url, root }: SchemaSource, from: string): Json {
  if (from === url) return root;
  const known = findMetaschema(from);
  if (known) return known;
  const scheme = parseUri(from)?.scheme;
  if (scheme === 'http' || scheme === 'https') throw new SchemaElsewhere(from);
  // Helm accepts anything for a URN, and looks for files in the root folder of the machine that installs.
  if (scheme === 'urn') return true;
  throw new SchemaBroken(`it refers to ${from}, which Helm cannot read`);
}

/** Finds a schema's draft by its `$schema`, through custom metaschemas if needed. */
function draftOf(
  source: SchemaSource,
  schema: JsonObject,
  pointer: string,
  fallback: Draft,
  visited: readonly string[] = [],
): Draft {
  const named = Object.hasOwn(schema, '$schema') ? schema.$schema : undefined;
  if (typeof named !== 'string') return fallback;
  const draft = draftOfUrl(named);
  if (draft) return draft;
  const from = named.split('#')[0] ?? '';
  if (!parseUri(from) || (pointer === '' && from === source.url) || visited.includes(from))
    throw new SchemaBroken(`its $schema ${named} names no known draft`);
  const metaschema = readDocument(source, from);
  return isObject(metaschema) ? draftOf(source, metaschema, '', fallback, [...visited, from]) : fallback;
}

function dialectOf(source: SchemaSource, schema: JsonObject, draft: Draft): Dialect {
  const named = String(schema.$schema);
  if (draftOfUrl(named)) return { draft, vocabularies: undefined };
  const { known, unknown } = vocabulariesOf(draft, readDocument(source, named.split('#')[0] ?? ''));
  if (unknown !== undefined) throw new SchemaBroken(`its $schema wants the vocabulary ${unknown}`);
  return { draft, vocabularies: known };
}

function addResource(document: SchemaDocument, resource: SchemaResource): void {
  const known = document.byId.get(resource.id);
  if (known && known.pointer !== resource.pointer)
    throw new SchemaBroken(`its identifier ${resource.id} occurs twice`);
  if (known) return;
  document.byId.set(resource.id, resource);
  document.resources.set(resource.pointer, resource);
}

/** Adds the resources and anchors of a schema and its subschemas to their document. */
function collectResources(
  source: SchemaSource,
  document: SchemaDocument,
  schema: Json,
  place: { base: string; pointer: string; fallback: Dialect; depth: number },
): void {
  const { pointer, fallback } = place;
  if (document.collected.has(pointer)) return;
  document.collected.add(pointer);
  spend(source.budget, 1);
  if (place.depth > maxDepth) throw new SchemaExceeded(`more than ${maxDepth} levels`);
  if (!isObject(schema)) {
    if (pointer === '') addResource(document, createResource(pointer, place.base, fallback));
    return;
  }
  let draft = draftOf(source, schema, pointer, fallback.draft);
  let hasSchema = Object.hasOwn(schema, '$schema') && typeof schema.$schema === 'string';
  let id = idOf(draft, schema);
  if (id === '' && pointer !== '') {
    // Only a schema with an identifier has a draft of its own.
    draft = fallback.draft;
    hasSchema = false;
    id = idOf(draft, schema);
  }
  const base = id === '' ? place.base : joinUri(place.base, id);
  if (base === undefined) throw new SchemaBroken(`its ${draft.id} ${id} is not a URL`);
  if (id !== '' || pointer === '')
    addResource(
      document,
      createResource(pointer, base, hasSchema ? dialectOf(source, schema, draft) : fallback),
    );
  const resource = document.byId.get(base) ?? resourceAt(document, pointer);
  collectAnchors(resource, schema, pointer);
  for (const [childPointer, child] of subschemas(draft, schema, pointer)) {
    collectResources(source, document, child, {
      base,
      pointer: childPointer,
      fallback: resource.dialect,
      depth: place.depth + 1,
    });
  }
}

/** Lists the subschemas of a schema, with their pointers. */
function subschemas(draft: Draft, schema: JsonObject, pointer: string): [string, Json][] {
  const found: [string, Json][] = [];
  for (const key of Object.keys(schema)) {
    const kinds = draft.parts.get(key);
    if (!kinds) continue;
    const value = getKey(schema, key) ?? null;
    const place = appendPointer(pointer, key);
    if (kinds.includes('single')) found.push([place, value]);
    if (kinds.includes('list') && Array.isArray(value))
      for (const [index, item] of value.entries()) found.push([appendPointer(place, index), item]);
    if (kinds.includes('map') && isObject(value))
      for (const name of Object.keys(value))
        found.push([appendPointer(place, name), getKey(value, name) ?? null]);
  }
  return found;
}
