import { dereference, type OutputUnit, type Schema, type SchemaDraft, validate } from '@cfworker/json-schema';
import { isObject, type JsonObject } from './json.ts';
import { type Draft, drafts, loosenSchema } from './schema-loosen.ts';
import { createSchemaMemory } from './schema-memory.ts';

/** What values fail of a schema. */
export interface SchemaFault {
  /** Keys and indexes to the value. */
  path: string[];
  /** JSON pointer into the schema, as a fragment. */
  schema: string;
  message: string;
}

/** A values.schema.json that can be asked. */
export interface ValuesSchema {
  /** What values do not meet; empty when they meet it all. */
  check(values: JsonObject): SchemaFault[];
  /** What of the schema is not checked here, although Helm checks it. */
  unchecked: string[];
}

/** A schema that Helm would refuse, whatever the values. */
export class SchemaBroken extends Error {
  override name = 'SchemaBroken';
}

/** The interpreter knows draft 6 as draft 7; `loosenSchema` knows the difference. */
const engines: Record<Draft, SchemaDraft> = {
  '4': '4',
  '6': '7',
  '7': '7',
  '2019-09': '2019-09',
  '2020-12': '2020-12',
};

function draftOf(schema: Schema): Draft {
  const url = String(schema.$schema ?? '').replace(
    /^https?:\/\/json-schema\.org\/draft[-/]0?|\/schema#?$/g,
    '',
  );
  return drafts.find((draft) => draft === url) ?? '2020-12';
}

/**
 * Reads a values.schema.json the way Helm 3.21 and 4.2 do (santhosh-tekuri/jsonschema v6): draft 2020-12 unless `$schema`
 * names another; formats count up to draft 7 only; what a `$ref` points to inside the file must be there. Nothing is
 * fetched: what lies elsewhere is not checked.
 *
 * The schema is a stranger's: patterns may go astray and references in circles, so run it where time is bounded.
 *
 * @throws {SchemaBroken}
 */
export function readSchema(text: string): ValuesSchema {
  const schema = parse(text);
  if (typeof schema === 'boolean') return plain(schema);
  const draft = draftOf(schema);
  const lookup = index(schema);
  if (!lookup) return { check: () => [], unchecked: ['its `$id`s cannot be followed'] };
  const { unchecked, missing } = loosenSchema(lookup, draft);
  if (missing) throw new SchemaBroken(`its $ref ${missing} points to nothing`);
  const memory = createSchemaMemory(text);
  return {
    check(values) {
      const { valid, errors } = validate(values, memory.trim(schema, values), engines[draft], lookup, false);
      if (!valid) return findCauses(errors);
      memory.learn(schema, values);
      return [];
    },
    unchecked,
  };
}

function parse(text: string): Schema | boolean {
  let schema: unknown;
  try {
    schema = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new SchemaBroken('it is not JSON');
  }
  if (typeof schema === 'boolean' || isObject(schema)) return schema;
  throw new SchemaBroken('it is neither a map nor true or false');
}

function plain(schema: boolean): ValuesSchema {
  const fault = { path: [], schema: '#', message: 'no values are allowed at all' };
  return { check: () => (schema ? [] : [fault]), unchecked: [] };
}

function index(schema: Schema): Record<string, Schema | boolean> | undefined {
  try {
    return dereference(schema);
  } catch {
    // An id that is no URL, or is there twice: Helm may know better.
    return undefined;
  }
}

/** Keywords that only pass on what is wrong below them. */
const passing: ReadonlySet<string> = new Set([
  '$ref',
  '$recursiveRef',
  'allOf',
  'if',
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'dependentSchemas',
  'dependencies',
  'items',
  'prefixItems',
  'additionalItems',
  'unevaluatedItems',
]);

const mostFaults = 20;

/** The faults themselves, without the trail that leads to them, and without what alternatives say each on its own. */
function findCauses(errors: readonly OutputUnit[]): SchemaFault[] {
  const faults: SchemaFault[] = [];
  const alternatives: string[] = [];
  for (const { instanceLocation, keyword, keywordLocation, error } of errors) {
    if (passing.has(keyword) || alternatives.some((place) => keywordLocation.startsWith(`${place}/`)))
      continue;
    if (keyword === 'anyOf' || keyword === 'oneOf') alternatives.push(keywordLocation);
    const message = keyword === 'false' ? 'is not allowed here' : error;
    faults.push({ path: splitPointer(instanceLocation), schema: keywordLocation, message });
    if (faults.length === mostFaults) break;
  }
  return faults.length > 0 ? faults : [{ path: [], schema: '#', message: errors[0]?.error ?? 'not valid' }];
}

function splitPointer(fragment: string): string[] {
  return fragment
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}
