import type { Schema } from '@cfworker/json-schema';
import { isObject } from './json.ts';

/** Formats that Helm's library and ours take for the same. */
const formats: ReadonlySet<unknown> = new Set([
  'date',
  'time',
  'date-time',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uuid',
]);

export const drafts = ['4', '6', '7', '2019-09', '2020-12'] as const;
export type Draft = (typeof drafts)[number];

/** Keywords by the draft that brought them; to one before they say nothing. */
const newcomers: [Draft, readonly string[]][] = [
  ['6', ['const', 'contains', 'propertyNames']],
  ['7', ['if', 'then', 'else']],
  [
    '2019-09',
    [
      'dependentRequired',
      'dependentSchemas',
      'minContains',
      'maxContains',
      'unevaluatedItems',
      'unevaluatedProperties',
      '$recursiveRef',
    ],
  ],
  ['2020-12', ['prefixItems']],
];

/**
 * Takes out of a schema what cannot be checked here the way Helm does it, so that nothing is refused that Helm takes:
 * references to other documents, which are not fetched; patterns that mean nothing to this language's engine; formats
 * where they are only annotations; keywords that the draft does not know.
 *
 * @param lookup every part of the schema by its URL, changed in place
 * @returns what was taken out, and a reference inside the document that points to nothing
 */
export function loosenSchema(
  lookup: Record<string, Schema | boolean>,
  draft: Draft,
): { unchecked: string[]; missing: string | undefined } {
  const unchecked = new Set<string>();
  const documents = new Set(Object.keys(lookup).map(withoutFragment));
  const unknown = newcomers
    .filter(([since]) => drafts.indexOf(since) > drafts.indexOf(draft))
    .flatMap(([, keywords]) => keywords);
  const assertsFormats = drafts.indexOf(draft) < drafts.indexOf('2019-09');
  let missing: string | undefined;
  for (const part of new Set(Object.values(lookup))) {
    if (!isObject(part)) continue;
    if (!assertsFormats || !formats.has(part.format)) delete part.format;
    for (const keyword of unknown) delete part[keyword];
    dropPatterns(part, unchecked);
    const url: unknown = part.__absolute_ref__;
    if (typeof part.$ref !== 'string' || typeof url !== 'string' || lookup[url] !== undefined) continue;
    if (documents.has(withoutFragment(url))) missing ??= part.$ref;
    else {
      unchecked.add(`$ref ${part.$ref}, which is not fetched`);
      delete part.$ref;
    }
  }
  return { unchecked: [...unchecked], missing };
}

function dropPatterns(part: Record<string, unknown>, unchecked: Set<string>): void {
  if (typeof part.pattern === 'string' && !isPattern(part.pattern)) {
    unchecked.add(`pattern ${part.pattern}`);
    delete part.pattern;
  }
  if (!isObject(part.patternProperties)) return;
  for (const pattern of Object.keys(part.patternProperties)) {
    if (isPattern(pattern)) continue;
    unchecked.add(`pattern ${pattern}`);
    delete part.patternProperties;
    // What the pattern would have let in, they would refuse.
    delete part.additionalProperties;
    delete part.unevaluatedProperties;
    return;
  }
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}

function withoutFragment(url: string): string {
  return url.split('#')[0] ?? url;
}
