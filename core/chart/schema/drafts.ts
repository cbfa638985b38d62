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

function partsOf(kinds: Record<PartKind, readonly string[]>): ReadonlyMap<string, readonly PartKind[]> {
  const all: readonly PartKind[] = ['single', 'list', 'map'];
  const keys = new Set(all.flatMap((kind) => kinds[kind]));
  return new Map([...keys].map((key) => [key, all.filter((kind) => kinds[kind].includes(key))]));
}

const single = ['not', 'additionalProperties', 'items', 'additionalItems'];
const single6 = [...single, 'propertyNames', 'contains'];
const single7 = [...single6, 'if', 'then', 'else'];
const single2019 = [...single7, 'unevaluatedProperties', 'unevaluatedItems', 'contentSchema'];
const lists = ['allOf', 'anyOf', 'oneOf', 'items'];
const maps = ['definitions', 'properties', 'patternProperties', 'dependencies'];
const maps2019 = [...maps, '$defs', 'dependentSchemas'];
const usual2019 = ['core', 'applicator', 'validation'];
const usual2020 = [...usual2019, 'unevaluated'];
const before2019 = { id: '$id', vocabularies: [], defaultVocabularies: [] } as const;

/** The drafts that Helm supports, by version. */
export const drafts = {
  '4': {
    ...before2019,
    version: 4,
    name: 'draft-04',
    url: 'http://json-schema.org/draft-04/schema',
    id: 'id',
    parts: partsOf({ single, list: lists, map: maps }),
  },
  '6': {
    ...before2019,
    version: 6,
    name: 'draft-06',
    url: 'http://json-schema.org/draft-06/schema',
    parts: partsOf({ single: single6, list: lists, map: maps }),
  },
  '7': {
    ...before2019,
    version: 7,
    name: 'draft-07',
    url: 'http://json-schema.org/draft-07/schema',
    parts: partsOf({ single: single7, list: lists, map: maps }),
  },
  '2019': {
    ...before2019,
    version: 2019,
    name: 'draft 2019-09',
    url: 'https://json-schema.org/draft/2019-09/schema',
    parts: partsOf({ single: single2019, list: lists, map: maps2019 }),
    vocabularies: [...usual2019, 'meta-data', 'format', 'content'],
    defaultVocabularies: usual2019,
  },
  '2020': {
    ...before2019,
    version: 2020,
    name: 'draft 2020-12',
    url: 'https://json-schema.org/draft/2020-12/schema',
    parts: partsOf({ single: single2019, list: [...lists, 'prefixItems'], map: maps2019 }),
    vocabularies: [...usual2020, 'meta-data', 'format-annotation', 'format-assertion', 'content'],
    defaultVocabularies: usual2020,
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
