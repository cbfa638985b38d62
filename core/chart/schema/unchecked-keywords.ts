import type { JsonObject } from '../../yaml/json.ts';
import { findFormat } from './formats.ts';
import { readTextKeyword, type SchemaLinker } from './keywords.ts';

/** Drafts that check a keyword which not all of them check. None check one that Helm's library never checks. */
const draftsByKeyword: ReadonlyMap<string, { from: number; to: number }> = new Map([
  ...toDraftRangeEntries(6, 2020, ['const', 'contains', 'propertyNames']),
  ...toDraftRangeEntries(7, 2020, ['if', 'then', 'else']),
  ...toDraftRangeEntries(2019, 2020, ['dependentRequired', 'dependentSchemas', 'maxContains', 'minContains']),
  ...toDraftRangeEntries(2019, 2020, ['$recursiveRef', 'unevaluatedItems', 'unevaluatedProperties']),
  ...toDraftRangeEntries(2020, 2020, ['$dynamicRef', 'prefixItems']),
  ...toDraftRangeEntries(4, 2019, ['additionalItems']),
  ...toDraftRangeEntries(Infinity, 0, ['contentEncoding', 'contentMediaType', 'contentSchema']),
  ...toDraftRangeEntries(Infinity, 0, ['disallow', 'divisibleBy', 'extends']),
]);

function toDraftRangeEntries(from: number, to: number, names: readonly string[]) {
  return names.map((name): [string, { from: number; to: number }] => [name, { from, to }]);
}

/** Keywords that a reference hides in drafts up to 7. Those that only describe or hold definitions are left out. */
const hiddenByReference = new Set(
  [
    'additionalItems additionalProperties allOf anyOf contains dependencies else enum exclusiveMaximum',
    'exclusiveMinimum format if items maxItems maxLength maxProperties maximum minItems minLength minProperties',
    'minimum multipleOf not oneOf pattern patternProperties properties propertyNames required then type uniqueItems',
  ].flatMap((line) => line.split(' ')),
);

/**
 * Finds keywords and formats that Helm does not check in a schema's draft.
 * Words that no draft has are left out: they are notes of other programs.
 *
 * @returns each with its reason, to be read behind "is not checked in full: "
 */
export function findUncheckedKeywords(
  schema: JsonObject,
  { dialect: { draft }, assertsFormats }: Pick<SchemaLinker, 'dialect' | 'assertsFormats'>,
): string[] {
  const ignored = `which Helm does not check in ${draft.name}`;
  const hasReference = draft.version < 2019 && typeof schema.$ref === 'string';
  const found: string[] = [];
  for (const key of Object.keys(schema)) {
    const known = draftsByKeyword.get(key);
    if (hasReference && hiddenByReference.has(key)) found.push(`the keyword ${key} beside $ref, ${ignored}`);
    else if (known && (draft.version < known.from || draft.version > known.to))
      found.push(`the keyword ${key}, ${ignored}`);
  }
  const format = readTextKeyword(schema, 'format');
  if (format !== undefined && !hasReference && !(assertsFormats && findFormat(format)))
    found.push(`the format ${JSON.stringify(format)}, ${ignored}`);
  return found;
}
