import type { Json } from '../../yaml/json.ts';
import { type Budget, createReadBudget } from './budget.ts';
import { compileSchema } from './compile.ts';
import { createDocuments } from './documents.ts';
import type { Dialect, Draft } from './drafts.ts';
import { SchemaBroken } from './errors.ts';
import { createRun, evaluateRoot } from './evaluate.ts';
import { findMetaschema } from './metaschemas.ts';
import { createNode, type SchemaNode } from './node.ts';
import { resourceAt, type SchemaDocument } from './resource.ts';
import type { MetaschemaContext, SchemaFault } from './run.ts';

/** Compiled metaschemas by URL. */
const compiledMetaschemas = new Map<string, SchemaNode>();

/**
 * Checks a schema against its draft's metaschema, with formats, as `roots.go` of santhosh-tekuri/jsonschema v6 does.
 *
 * @throws {SchemaBroken} with the first fault
 */
export function validateSchema(
  document: SchemaDocument,
  schema: Json,
  pointer: string,
  budget: Budget,
): void {
  if (/^https?:\/\/json-schema\.org\//.test(document.url)) return;
  const { dialect } = resourceAt(document, pointer);
  const node = metaschemaOfDialect(dialect);
  const meta: MetaschemaContext = {
    node,
    resources: document.resources,
    nodeOf: (resource) => metaschemaOfDialect(resource.dialect),
  };
  if (evaluateRoot(createRun(budget, { meta }), node, schema)) return;
  const faults: SchemaFault[] = [];
  evaluateRoot(createRun(createReadBudget(), { meta, faults }), node, schema);
  const place = [...pointer.split('/').slice(1), ...(faults[0]?.path ?? [])].join('.');
  const where = place === '' ? '' : ` at ${place}`;
  throw new SchemaBroken(
    `it is not a schema of ${dialect.draft.name}: the value${where} ${faults[0]?.message ?? 'is not valid'}`,
  );
}

function metaschemaOfDialect({ draft, vocabularies }: Dialect): SchemaNode {
  if (!vocabularies) return compileMetaschema(draft.url);
  const node = createNode('urn:mem:metaschema');
  node.version = draft.version;
  node.allOf = vocabularies.map((name) => compileMetaschema(urlOf(draft, name)));
  if (draft.version >= 2020) {
    node.dynamicAnchor = 'meta';
    node.dynamicAnchors = new Map([['meta', node]]);
  }
  return node;
}

function urlOf(draft: Draft, vocabulary: string): string {
  return draft.url.replace(/schema$/, `meta/${vocabulary}`);
}

/** Compiles a metaschema, once for the process. */
function compileMetaschema(url: string): SchemaNode {
  const known = compiledMetaschemas.get(url);
  if (known) return known;
  const budget = createReadBudget();
  const document = findMetaschema(url);
  if (!document) throw new Error(`no metaschema ${url}`);
  const node = compileSchema(url, {
    documents: createDocuments(url, document, budget),
    budget,
    assertsFormats: true,
    validate: () => undefined,
    onExternal: () => undefined,
  });
  compiledMetaschemas.set(url, node);
  return node;
}
