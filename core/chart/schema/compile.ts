import { getKey, isObject, type Json, type JsonObject } from '../../yaml/json.ts';
import { appendPointer } from '../../yaml/json-pointer.ts';
import type { Budget } from './budget.ts';
import { spend } from './budget.ts';
import { compileKeywords } from './compile-keywords.ts';
import { type Documents, SchemaElsewhere } from './documents.ts';
import { type Dialect, hasVocabulary } from './drafts.ts';
import { SchemaBroken } from './errors.ts';
import type { SchemaLinker } from './keywords.ts';
import { createNode, type SchemaNode } from './node.ts';
import {
  childOf,
  findPart,
  resolveFragment,
  resourceAt,
  type SchemaDocument,
  type SchemaResource,
} from './resource.ts';
import { findUncheckedKeywords } from './unchecked-keywords.ts';
import { joinUri, splitFragment } from './uri.ts';

/** A schema that waits to be compiled. */
export interface PendingSchema {
  document: SchemaDocument;
  pointer: string;
  node: SchemaNode;
  /** The schema there, if it is known already. */
  schema: Json | undefined;
}

/** Inputs and callbacks of a compilation. */
export interface CompileOptions {
  documents: Documents;
  budget: Budget;
  /** Whether formats are asserted in every draft, as in metaschemas. */
  assertsFormats: boolean;
  /** Checks a document, or a part of one, against its metaschema; called when it is first met. */
  validate(document: SchemaDocument, schema: Json, pointer: string): void;
  /** Called for a reference that is not followed. */
  onExternal(url: string): void;
  /** Called for each keyword and format that is not checked in its draft, with the reason. */
  onUnchecked?(part: string): void;
}

/**
 * Compiles a schema and all that it refers to, as `compiler.go` of santhosh-tekuri/jsonschema v6 does.
 *
 * @throws {SchemaBroken}
 * @throws {SchemaElsewhere} if the schema itself is elsewhere
 */
export function compileSchema(url: string, options: CompileOptions): SchemaNode {
  const compilation: Compilation = { url, options, nodes: new Map(), queue: [] };
  const root = nodeAt(compilation, openDocument(compilation, url), '');
  // The loop also visits places that are added meanwhile.
  for (const next of compilation.queue) compilePending(compilation, next);
  return root;
}

/** State of one compilation. */
interface Compilation {
  url: string;
  options: CompileOptions;
  /** Nodes by URL and pointer. */
  nodes: Map<string, SchemaNode>;
  queue: PendingSchema[];
}

function openDocument({ options }: Compilation, from: string): SchemaDocument {
  const { document, isNew } = options.documents.open(from);
  if (isNew) options.validate(document, document.root, '');
  return document;
}

/** Returns the node of a place; a new one is queued for compilation. */
function nodeAt(
  { url, nodes, queue }: Compilation,
  document: SchemaDocument,
  pointer: string,
  schema?: Json,
): SchemaNode {
  const key = `${document.url}#${pointer}`;
  const known = nodes.get(key);
  if (known) return known;
  const node = createNode(document.url === url ? `#${pointer}` : key);
  nodes.set(key, node);
  queue.push({ document, pointer, node, schema });
  return node;
}

function externalNode({ options }: Compilation, from: string): SchemaNode {
  options.onExternal(from);
  const node = createNode(from);
  node.isExternal = true;
  return node;
}

/** Returns the node that a reference in a resource means. */
function resolve(
  compilation: Compilation,
  document: SchemaDocument,
  resource: SchemaResource,
  reference: string,
): SchemaNode {
  const split = splitFragment(reference);
  const target = split && joinUri(resource.id, split.url);
  if (!split || target === undefined) throw new SchemaBroken(`its reference ${reference} is not a URL`);
  const local = target === document.url ? document.resources.get('') : document.byId.get(target);
  if (local) return nodeAt(compilation, document, resolveFragment(local, split.fragment));
  try {
    const other = openDocument(compilation, target);
    return nodeAt(compilation, other, resolveFragment(resourceAt(other, ''), split.fragment));
  } catch (error) {
    if (error instanceof SchemaElsewhere)
      return externalNode(compilation, `${error.url}${split.fragment && `#${split.fragment}`}`);
    throw error;
  }
}

function compilePending(
  compilation: Compilation,
  { document, pointer, node, schema = findPart(document, pointer) }: PendingSchema,
): void {
  const { options } = compilation;
  spend(options.budget, 1);
  if (options.documents.include(document, schema, pointer)) options.validate(document, schema, pointer);
  const resource = resourceAt(document, pointer);
  node.version = resource.dialect.draft.version;
  node.resource = nodeAt(compilation, document, resource.pointer);
  if (node.version >= 2020 && pointer === resource.pointer && resource.dynamicAnchors.size > 0) {
    node.dynamicAnchors = new Map();
    for (const anchor of resource.dynamicAnchors) {
      node.dynamicAnchors.set(anchor, nodeAt(compilation, document, resource.anchors.get(anchor) ?? pointer));
    }
  }
  if (typeof schema === 'boolean') node.result = schema;
  if (!isObject(schema)) return;
  if (Object.keys(schema).length === 0) node.result = true;
  const linker = createSchemaLinker(compilation, resource, { document, pointer, schema });
  if (options.onUnchecked) {
    for (const part of findUncheckedKeywords(schema, linker)) options.onUnchecked(part);
  }
  compileKeywords(node, schema, linker);
}

function createSchemaLinker(
  compilation: Compilation,
  resource: SchemaResource,
  { document, pointer, schema }: { document: SchemaDocument; pointer: string; schema: JsonObject },
): SchemaLinker {
  const { options } = compilation;
  return {
    budget: options.budget,
    dialect: resource.dialect,
    assertsFormats: options.assertsFormats || assertsFormats(resource.dialect),
    subschema(key, token) {
      const part = getKey(schema, key);
      const place = appendPointer(pointer, key);
      return token === undefined
        ? nodeAt(compilation, document, place, part)
        : nodeAt(compilation, document, appendPointer(place, token), childOf(part, token));
    },
    resolve: (reference) => resolve(compilation, document, resource, reference),
  };
}

function assertsFormats(dialect: Dialect): boolean {
  const { version } = dialect.draft;
  if (version < 2019) return true;
  return hasVocabulary(dialect, version === 2019 ? 'format' : 'format-assertion');
}
