import { type OutputUnit, type SchemaDraft, Validator } from '@cfworker/json-schema';
import { isMap } from '../../../parts/values/schema-places.ts';

/** Violation of a schema. */
export interface Violation {
  /** JSON pointer (RFC 6901) of the value. */
  pointer: string;
  /** Says what the value must be, without its name. */
  message: string;
}

/** Largest number of violations that are shown. */
const maxViolations = 50;

/** Keywords whose own error says only that there are others below. */
const wrapperKeywords = new Set([
  ...['$ref', '$recursiveRef', 'allOf', 'if', 'properties', 'patternProperties', 'additionalProperties'],
  ...[
    'unevaluatedProperties',
    'items',
    'prefixItems',
    'additionalItems',
    'unevaluatedItems',
    'dependentSchemas',
  ],
]);

/** Keywords that say more than the errors below them. */
const summaryKeywords = new Set(['anyOf', 'oneOf', 'not', 'contains', 'propertyNames']);

/**
 * Validates values by the text of a schema. The draft is the named one, or 2020-12 as Helm does.
 * It may take any time: patterns of a schema can be made to. Call it where it can be ended.
 * @throws {Error} for a schema that cannot be read, or refers to another document
 */
export function validateValues(text: string, values: unknown): Violation[] {
  const schema: unknown = JSON.parse(text);
  if (typeof schema === 'boolean') return schema ? [] : [{ pointer: '', message: 'no values are allowed' }];
  if (!isMap(schema)) throw new Error('A schema is a map.');
  const draft = schemaDraftOf(schema.$schema);
  const { errors } = new Validator({ ...schema }, draft, false).validate(values);
  const asserted =
    draft === '4' || draft === '7' ? errors : errors.filter(({ keyword }) => keyword !== 'format');
  return selectErrors(asserted).slice(0, maxViolations).map(toViolation);
}

function schemaDraftOf(name: unknown): SchemaDraft {
  if (name === undefined) return '2020-12';
  const [, draft] = /\/(draft-0[467]|draft\/20(?:19-09|20-12))\//.exec(String(name)) ?? [];
  if (draft === undefined) throw new Error(`The draft ${String(name)} is not known.`);
  if (draft === 'draft-04') return '4';
  if (draft === 'draft-06' || draft === 'draft-07') return '7';
  return draft === 'draft/2019-09' ? '2019-09' : '2020-12';
}

/** Leaves out errors that only lead to others, and those below an error that says more. */
function selectErrors(errors: readonly OutputUnit[]): OutputUnit[] {
  const covered = errors
    .filter(({ keyword }) => summaryKeywords.has(keyword))
    .map((error) => error.keywordLocation);
  return errors.filter(
    ({ keyword, keywordLocation }) =>
      !wrapperKeywords.has(keyword) && !covered.some((place) => keywordLocation.startsWith(`${place}/`)),
  );
}

function toViolation({ keyword, instanceLocation, error }: OutputUnit): Violation {
  return { pointer: decodeURIComponent(instanceLocation.slice(1)), message: messageOf(keyword, error) };
}

/** Says an error as the registry says it. */
function messageOf(keyword: string, error: string): string {
  const [, found, expected] = /^Instance type "(.*?)" is invalid\. Expected "(.*)"\.$/.exec(error) ?? [];
  if (expected !== undefined) return `must be ${expected.replaceAll('", "', ' or ')}, not ${found}`;
  const [, missing] = /required property "(.*)"\.$/.exec(error) ?? [];
  if (missing !== undefined) return `needs the key ${missing}`;
  const [, choices] = /^Instance does not match (?:any of )?(.*)\.$/.exec(error) ?? [];
  if (choices !== undefined && (keyword === 'enum' || keyword === 'const'))
    return `must be ${keyword === 'enum' ? 'one of ' : ''}${choices.slice(1, -1).replaceAll(',', ', ')}`;
  if (keyword === 'false') return 'is not a key that this chart knows';
  return error.replace(/^Instance /, '').replace(/\.$/, '');
}
