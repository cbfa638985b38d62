import { getKey, type JsonObject } from '../../yaml/json.ts';
import { hasVocabulary } from './drafts.ts';
import type { SchemaLinker } from './keywords.ts';
import { hasAny, readCountKeyword, readListKeyword } from './keywords.ts';
import type { ArrayKeywords } from './node.ts';

const arrayKeywordNames = new Set([
  'items',
  'prefixItems',
  'additionalItems',
  'contains',
  'minItems',
  'maxItems',
  'uniqueItems',
]);

/** Compiles the keywords about lists; undefined if a schema has none. */
export function compileArray(
  version: number,
  schema: JsonObject,
  linker: SchemaLinker,
): ArrayKeywords | undefined {
  if (!hasAny(schema, arrayKeywordNames)) return undefined;
  const applies = hasVocabulary(linker.dialect, 'applicator');
  const validates = hasVocabulary(linker.dialect, 'validation');
  const below = (key: string) => (getKey(schema, key) === undefined ? undefined : linker.subschema(key));
  const contains = applies && version >= 6 ? below('contains') : undefined;
  const counts = validates && version >= 2019 && contains !== undefined;
  return {
    minItems: validates ? readCountKeyword(schema, 'minItems') : undefined,
    maxItems: validates ? readCountKeyword(schema, 'maxItems') : undefined,
    uniqueItems: validates && getKey(schema, 'uniqueItems') === true,
    ...(applies ? compileItems(version, schema, linker) : { prefix: [], rest: undefined }),
    contains,
    minContains: counts ? readCountKeyword(schema, 'minContains') : undefined,
    maxContains: counts ? readCountKeyword(schema, 'maxContains') : undefined,
  };
}

function compileItems(
  version: number,
  schema: JsonObject,
  linker: SchemaLinker,
): Pick<ArrayKeywords, 'prefix' | 'rest'> {
  const below = (key: string) => (getKey(schema, key) === undefined ? undefined : linker.subschema(key));
  const listed = (key: string) =>
    readListKeyword(schema, key)?.map((_, index) => linker.subschema(key, index));
  if (version >= 2020) return { prefix: listed('prefixItems') ?? [], rest: below('items') };
  const prefix = listed('items');
  if (!prefix) return { prefix: [], rest: below('items') };
  const more = getKey(schema, 'additionalItems');
  return { prefix, rest: typeof more === 'boolean' ? more : below('additionalItems') };
}
