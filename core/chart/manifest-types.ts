import { z } from 'zod';
import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import { isGoTime } from './go-time.ts';

/** Throws an error that names a field and its fault. */
export type ThrowFieldError = (field: string, problem: string) => never;

/** The type of a field in Helm's structures. */
interface FieldType {
  schema: z.ZodType<Json>;
  /** Representation that is typed: `data`, or `strings` with numbers and booleans as strings, as Helm reads them. */
  from: 'data' | 'strings';
}

type FieldTypesByName = ReadonlyMap<string, FieldType>;

const timeRule = 'must be a time such as "2026-01-31T12:00:00Z", in quotes or not';
const rawStringSchema = z.string({ error: 'must be a string' });
const stringField: FieldType = { schema: rawStringSchema.transform(sanitize), from: 'strings' };
const unsanitizedStringField: FieldType = { schema: rawStringSchema, from: 'strings' };
// Go reads null in a list or map of strings as an empty string.
const nullAsEmptySchema = rawStringSchema.nullable().transform((value) => value ?? '');
const stringListField: FieldType = {
  schema: z.array(nullAsEmptySchema.transform(sanitize), { error: 'must be a list of strings' }),
  from: 'strings',
};
const stringMapField: FieldType = {
  schema: z.record(z.string(), nullAsEmptySchema, { error: 'must be a map of strings' }),
  from: 'strings',
};
const booleanField: FieldType = { schema: z.boolean({ error: 'must be true or false' }), from: 'data' };
const listField: FieldType = { schema: z.array(z.custom<Json>(), { error: 'must be a list' }), from: 'data' };

/** Fields of Helm's chart.Metadata except `dependencies` and `maintainers`. */
const metadataFields: FieldTypesByName = new Map([
  ['name', stringField],
  ['home', stringField],
  ['sources', stringListField],
  ['version', unsanitizedStringField],
  ['description', stringField],
  ['keywords', stringListField],
  ['icon', stringField],
  ['apiVersion', unsanitizedStringField],
  ['condition', stringField],
  ['tags', stringField],
  ['appVersion', stringField],
  ['deprecated', booleanField],
  ['annotations', stringMapField],
  ['kubeVersion', stringField],
  ['type', unsanitizedStringField],
]);

const maintainerFields: FieldTypesByName = new Map([
  ['name', stringField],
  ['email', stringField],
  ['url', stringField],
]);

/** Fields of Helm's chart.Dependency. */
const dependencyFields: FieldTypesByName = new Map([
  ['name', stringField],
  ['version', stringField],
  ['repository', stringField],
  ['condition', stringField],
  ['tags', stringListField],
  ['enabled', booleanField],
  ['import-values', listField],
  ['alias', unsanitizedStringField],
]);

/** Fields of Helm's chart.Lock except `dependencies`. */
const lockFields: FieldTypesByName = new Map([
  [
    'generated',
    { schema: z.string({ error: timeRule }).refine(isGoTime, { error: timeRule }), from: 'data' },
  ],
  ['digest', stringField],
]);

/**
 * Converts known fields of Chart.yaml to Helm's types; drops nulls, keeps unknown fields.
 *
 * @param data Chart.yaml without `dependencies`
 * @param texts the same file with numbers and booleans as strings
 */
export function convertManifest(data: JsonObject, texts: JsonObject, fail: ThrowFieldError): JsonObject {
  const typed = convertFields(metadataFields, data, texts, '', fail);
  const { maintainers } = typed;
  if (maintainers === undefined) return typed;
  if (!Array.isArray(maintainers)) return fail('maintainers', 'must be a list');
  typed.maintainers = maintainers.map((item, index) =>
    convertItem(
      maintainerFields,
      item,
      parsedItemAt(texts.maintainers, index),
      `maintainers[${index}]`,
      fail,
    ),
  );
  return typed;
}

/** Converts an item of `dependencies` to Helm's types. */
export function convertDependency(data: Json, texts: Json, field: string, fail: ThrowFieldError): JsonObject {
  return convertItem(dependencyFields, data, texts, field, fail);
}

/**
 * Copies a chart's metadata with only those fields that Helm knows.
 *
 * @param manifest the result of `convertManifest`
 * @param dependencies the declared dependencies
 */
export function keepHelmFields(manifest: JsonObject, dependencies: readonly JsonObject[]): JsonObject {
  const kept = keepKeys(metadataFields, manifest);
  const { maintainers } = manifest;
  if (Array.isArray(maintainers) && maintainers.length > 0)
    kept.maintainers = maintainers.filter(isObject).map((item) => keepKeys(maintainerFields, item));
  if (dependencies.length > 0)
    kept.dependencies = dependencies.map((item) => keepKeys(dependencyFields, item));
  return kept;
}

function keepKeys(shape: FieldTypesByName, item: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const key of shape.keys()) {
    const value = getKey(item, key);
    if (value !== undefined && value !== null) kept[key] = value;
  }
  return kept;
}

/** Renames keys of Chart.yaml to Helm's spelling. Go's JSON reader ignores case, so `appversion` is `appVersion`. */
export function foldManifestKeys(data: JsonObject, fail?: ThrowFieldError): JsonObject {
  return foldKeys(['maintainers', 'dependencies', ...metadataFields.keys()], data, '', fail);
}

/** Checks a lock file as Helm does when it reads chart.Lock. Items of its list may be null. */
export function checkLock(data: JsonObject, texts: JsonObject, fail: ThrowFieldError): void {
  const names = ['dependencies', ...lockFields.keys()];
  const { dependencies, ...fieldData } = foldKeys(names, data, '', fail);
  const { dependencies: items, ...fieldTexts } = foldKeys(names, texts);
  convertFields(lockFields, fieldData, fieldTexts, '', fail);
  if (dependencies === undefined || dependencies === null) return;
  const list = Array.isArray(dependencies) ? dependencies : fail('dependencies', 'must be a list');
  for (const [index, item] of list.entries()) {
    if (item !== null)
      convertItem(dependencyFields, item, parsedItemAt(items, index), `dependencies[${index}]`, fail);
  }
}

/** Returns the item at an index of a parsed list. Null stands for a missing list or item. */
export function parsedItemAt(items: Json | undefined, index: number): Json {
  return Array.isArray(items) ? (items[index] ?? null) : null;
}

function convertItem(
  shape: FieldTypesByName,
  data: Json,
  texts: Json,
  field: string,
  fail: ThrowFieldError,
): JsonObject {
  if (!isObject(data)) return fail(field, data === null ? 'must not be empty' : 'must be a map');
  const keys = [...shape.keys()];
  return convertFields(
    shape,
    foldKeys(keys, data, `${field}.`, fail),
    isObject(texts) ? foldKeys(keys, texts) : {},
    `${field}.`,
    fail,
  );
}

function convertFields(
  shape: FieldTypesByName,
  data: JsonObject,
  texts: JsonObject,
  prefix: string,
  fail: ThrowFieldError,
): JsonObject {
  const typed: JsonObject = {};
  for (const [key, value] of Object.entries(data)) {
    if (value === null) continue;
    const type = shape.get(key);
    if (!type) {
      setKey(typed, key, value);
      continue;
    }
    const result = type.schema.safeParse(type.from === 'data' ? value : texts[key]);
    if (!result.success) {
      const issue = result.error.issues[0];
      const path = issue?.path.map((part) => `[${String(part)}]`).join('') ?? '';
      return fail(`${prefix}${key}${path}`, issue?.message ?? 'is not valid');
    }
    typed[key] = result.data;
  }
  return typed;
}

/**
 * Renames keys to the names that Go takes them for.
 * @param fail called if a name occurs twice and Helm reads both; left out if that was checked before
 */
function foldKeys(
  names: readonly string[],
  data: JsonObject,
  prefix = '',
  fail?: ThrowFieldError,
): JsonObject {
  const byFold = new Map(names.map((name) => [name.toLowerCase(), name]));
  const folded: JsonObject = {};
  const winners = new Map<string, string>();
  for (const [key, value] of Object.entries(data)) {
    const name = byFold.get(key.toLowerCase()) ?? key;
    // Helm's parser sorts the keys before it reads them, and the last one that is not null counts.
    const winner = winners.get(name);
    if (Object.hasOwn(folded, name)) checkDuplicate(`${prefix}${key}`, [value, folded[name] ?? null], fail);
    if (winner !== undefined && (value === null || winner > key)) continue;
    if (value !== null) winners.set(name, key);
    setKey(folded, name, value);
  }
  return folded;
}

/** Refuses a duplicate field of which Helm would merge lists or maps, or refuse one for its type. */
function checkDuplicate(field: string, values: readonly Json[], fail?: ThrowFieldError): void {
  const types = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  if (types.has('object') || (types.has('boolean') && types.size > 1))
    fail?.(field, 'occurs twice, in upper and lower case: Helm reads both as one field. Remove one');
}

/** Removes unprintable characters and makes all white space spaces, as Helm does (chart.sanitizeString). */
function sanitize(value: string): string {
  return value.replace(/\p{White_Space}/gu, ' ').replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '');
}
