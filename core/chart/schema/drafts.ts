import { isObject, type JsonObject } from '../../yaml/json.ts';

/** A version of JSON Schema, as santhosh-tekuri/jsonschema v6 defines it. */
export interface Draft {
  version: 4 | 6 | 7 | 2019 | 2020;
  name: string;
  url: string;
  /** Keyword that identifies a schema. */
  id: 'id' | '$id';
  /** Keywords that hold a schema, a list of schemas, or a map of them; some hold either. */
  parts: ReadonlyMap<string, readonly PartKind[]>;
  vocabularies: readonly string[];
  /** Vocabularies if `$schema` names the draft itself. */
  defaultVocabularies: readonly string[];
}

type PartKind = 'single' | 'list' | 'map';

function subschemaKindsByKeyword(
  kinds: Record<PartKind, readonly string[]>,
): ReadonlyMap<string, readonly PartKind[]> {
  const all: readonly PartKind[] = ['single', 'list', 'map'];
  const keys = new Set(all.flatMap((kind) => kinds[kind]));
  return new Map([...keys].map((key) => [key, all.filter((kind) => kinds[kind].includes(key))]));
}

const singleSchemaKeywords = ['not', 'additionalProperties', 'items', 'additionalItems'];
const singleSchemaKeywords6 = [...singleSchemaKeywords, 'propertyNames', 'contains'];
const singleSchemaKeywords7 = [...singleSchemaKeywords6, 'if', 'then', 'else'];
const singleSchemaKeywords2019 = [
  ...singleSchemaKeywords7,
  'unevaluatedProperties',
  'unevaluatedItems',
  'contentSchema',
];
const schemaListKeywords = ['allOf', 'anyOf', 'oneOf', 'items'];
const schemaMapKeywords = ['definitions', 'properties', 'patternProperties', 'dependencies'];
const schemaMapKeywords2019 = [...schemaMapKeywords, '$defs', 'dependentSchemas'];
const defaultVocabularies2019 = ['core', 'applicator', 'validation'];
const defaultVocabularies2020 = [...defaultVocabularies2019, 'unevaluated'];
const draftFieldsBefore2019 = { id: '$id', vocabularies: [], defaultVocabularies: [] } as const;

/** The drafts that Helm supports, by version. */
export const drafts = {
  '4': {
    ...draftFieldsBefore2019,
    version: 4,
    name: 'draft-04',
    url: 'http://json-schema.org/draft-04/schema',
    id: 'id',
    parts: subschemaKindsByKeyword({
      single: singleSchemaKeywords,
      list: schemaListKeywords,
      map: schemaMapKeywords,
    }),
  },
  '6': {
    ...draftFieldsBefore2019,
    version: 6,
    name: 'draft-06',
    url: 'http://json-schema.org/draft-06/schema',
    parts: subschemaKindsByKeyword({
      single: singleSchemaKeywords6,
      list: schemaListKeywords,
      map: schemaMapKeywords,
    }),
  },
  '7': {
    ...draftFieldsBefore2019,
    version: 7,
    name: 'draft-07',
    url: 'http://json-schema.org/draft-07/schema',
    parts: subschemaKindsByKeyword({
      single: singleSchemaKeywords7,
      list: schemaListKeywords,
      map: schemaMapKeywords,
    }),
  },
  '2019': {
    ...draftFieldsBefore2019,
    version: 2019,
    name: 'draft 2019-09',
    url: 'https://json-schema.org/draft/2019-09/schema',
    parts: subschemaKindsByKeyword({
      single: singleSchemaKeywords2019,
      list: schemaListKeywords,
      map: schemaMapKeywords2019,
    }),
    vocabularies: [...defaultVocabularies2019, 'meta-data', 'format', 'content'],
    defaultVocabularies: defaultVocabularies2019,
  },
  '2020': {
    ...draftFieldsBefore2019,
    version: 2020,
    name: 'draft 2020-12',
    url: 'https://json-schema.org/draft/2020-12/schema',
    parts: subschemaKindsByKeyword({
      single: singleSchemaKeywords2019,
      list: [...schemaListKeywords, 'prefixItems'],
      map: schemaMapKeywords2019,
    }),
    vocabularies: [
      ...defaultVocabularies2020,
      'meta-data',
      'format-annotation',
      'format-assertion',
      'content',
    ],
    defaultVocabularies: defaultVocabularies2020,
  },
} as const satisfies Record<string, Draft>;

/** A draft with the vocabularies that a custom metaschema requires; undefined means the draft's own. */
export interface Dialect {
  draft: Draft;
  vocabularies: readonly string[] | undefined;
}

/** Returns the draft that a `$schema` names directly, without reading the document there. */
export function draftOfUrl(url: string): Draft | undefined {
  const plain = url.replace(/#$/, '').replace(/^https?:\/\//, '');
  if (plain === 'json-schema.org/schema') return drafts['2020'];
  return Object.values(drafts).find((draft) => draft.url.replace(/^https?:\/\//, '') === plain);
}

/** Returns a schema's identifier without its fragment; '' if there is none. */
export function idOf(draft: Draft, schema: JsonObject): string {
  if (draft.version < 2019 && Object.hasOwn(schema, '$ref')) return '';
  const id = schema[draft.id];
  return typeof id === 'string' && Object.hasOwn(schema, draft.id) ? (id.split('#')[0] ?? '') : '';
}

/** Checks whether a dialect has a vocabulary; drafts before 2019-09 have all. */
export function hasVocabulary({ draft, vocabularies }: Dialect, name: string): boolean {
  return (
    name === 'core' || draft.version < 2019 || (vocabularies ?? draft.defaultVocabularies).includes(name)
  );
}

/**
 * Reads the vocabularies that a metaschema requires.
 *
 * @returns undefined for the draft's own; the URL of an unknown one
 */
export function vocabulariesOf(draft: Draft, metaschema: unknown): { known?: string[]; unknown?: string } {
  if (draft.version < 2019 || !isObject(metaschema) || !isObject(metaschema.$vocabulary)) return {};
  const prefix = draft.url.replace(/schema$/, 'vocab/');
  const known = ['core'];
  for (const [url, required] of Object.entries(metaschema.$vocabulary)) {
    if (required !== true) continue;
    const name = url.startsWith(prefix) ? url.slice(prefix.length) : '';
    if (!draft.vocabularies.includes(name)) return { unknown: url };
    if (!known.includes(name)) known.push(name);
  }
  return { known };
}
