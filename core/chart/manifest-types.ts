import { z } from 'zod';
import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import { isGoTime } from './go-time.ts';

/** Throws an error that names a field and its fault. */
export type Fail = (field: string, problem: string) => never;

/** The type of a field in Helm's structures. */
interface FieldType {
  schema: z.ZodType<Json>;
  /** Representation that is typed: `data`, or `strings` with numbers and booleans as strings, as Helm reads them. */
  from: 'data' | 'strings';
}

type Shape = ReadonlyMap<string, FieldType>;

const timeRule = 'must be a time such as "2026-01-31T12:00:00Z", in quotes or not';
const raw = z.string({ error: 'must be a string' });
const string: FieldType = { schema: raw.transform(sanitize), from: 'strings' };
const exact: FieldType = { schema: raw, from: 'strings' };
// Go reads null in a list or map of strings as an empty string.
const orEmpty = raw.nullable().transform((value) => value ?? '');
const strings: FieldType = {
  schema: z.array(orEmpty.transform(sanitize), { error: 'must be a list of strings' }),
  from: 'strings',
};
const map: FieldType = {
  schema: z.record(z.string(), orEmpty, { error: 'must be a map of strings' }),
  from: 'strings',
};
const boolean: FieldType = { schema: z.boolean({ error: 'must be true or false' }), from: 'data' };
const list: FieldType = { schema: z.array(z.custom<Json>(), { error: 'must be a list' }), from: 'data' };

/** Fields of Helm's chart.Metadata except `dependencies` and `maintainers`. */
const metadata: Shape = new Map([
  ['name', string],
  ['home', string],
  ['sources', strings],
  ['version', exact],
  ['description', string],
  ['keywords', strings],
  ['icon', string],
  ['apiVersion', exact],
  ['condition', string],
  ['tags', string],
  ['appVersion', string],
  ['deprecated', boolean],
  ['annotations', map],
  ['kubeVersion', string],
  ['type', exact],
]);

const maintainer: Shape = new Map([
  ['name', string],
  ['email', string],
  ['url', string],
]);

/** Fields of Helm's chart.Dependency. */
const dependency: Shape = new Map([
  ['name', string],
  ['version', string],
  ['repository', string],
  ['condition', string],
  ['tags', strings],
  ['enabled', boolean],
  ['import-values', list],
  ['alias', exact],
]);

/** Fields of Helm's chart.Lock except `dependencies`. */
const lock: Shape = new Map([
  [
    'generated',
    { schema: z.string({ error: timeRule }).refine(isGoTime, { error: timeRule }), from: 'data' },
  ],
  ['digest', string],
]);

/**
 * Converts known fields of Chart.yaml to Helm's types; drops nulls, keeps unknown fields.
 *
 * @param data Chart.yaml without `dependencies`
 * @param texts the same file with numbers and booleans as strings
 */
export function convertManifest(data: JsonObject, texts: JsonObject, fail: Fail): JsonObject {
  const typed = convertFields(metadata, data, texts, '', fail);
  const { maintainers } = typed;
  if (maintainers === undefined) return typed;
  if (!Array.isArray(maintainers)) return fail('maintainers', 'must be a list');
  typed.maintainers = maintainers.map((item, index) =>
    convertItem(maintainer, item, itemOf(texts.maintainers, index), `maintainers[${index}]`, fail),
  );
  return typed;
}

/** Converts an item of `dependencies` to Helm's types. */
export function convertDependency(data: Json, texts: Json, field: string, fail: Fail): JsonObject {
  return convertItem(dependency, data, texts, field, fail);
}

/**
 * Copies a chart's metadata with only those fields that Helm knows.
 *
 * @param manifest the result of `convertManifest`
 * @param dependencies the declared dependencies
 */
export function keepHelmFields(manifest: JsonObject, dependencies: readonly JsonObject[]): JsonObject {
  const kept = keepKeys(metadata, manifest);
  const { maintainers } = manifest;
  if (Array.isArray(maintainers) && maintainers.length > 0)
    kept.maintainers = maintainers.filter(isObject).map((item) => keepKeys(maintainer, item));
  if (dependencies.length > 0) kept.dependencies = dependencies.map((item) => keepKeys(dependency, item));
  return kept;
}

function keepKeys(shape: Shape, item: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const key of shape.keys()) {
    const value = getKey(item, key);
    if (value !== undefined && value !== null) kept[key] = value;
  }
  return kept;
}

/** Renames keys of Chart.yaml to Helm's spelling. Go's JSON reader ignores case, so `appversion` is `appVersion`. */
export function foldManifest(data: JsonObject, fail?: Fail): JsonObject {
  return foldKeys(['maintainers', 'dependencies', ...metadata.keys()], data, '', fail);
}

/** Checks a lock file as Helm does when it reads chart.Lock. Items of its list may be null. */
export function checkLock(data: JsonObject, texts: JsonObject, fail: Fail): void {
  const names = ['dependencies', ...lock.keys()];
  const { dependencies, ...fieldData } = foldKeys(names, data, '', fail);
  const { dependencies: items, ...fieldTexts } = foldKeys(names, texts);
  convertFields(lock, fieldData, fieldTexts, '', fail);
  if (dependencies === undefined || dependencies === null) return;
  const list = Array.isArray(dependencies) ? dependencies : fail('dependencies', 'must be a list');
  for (const [index, item] of list.entries()) {
    if (item !== null) convertItem(dependency, item, itemOf(items, index), `dependencies[${index}]`, fail);
  }
}

/** Returns the item at an index of a parsed list. Null stands for a missing list or item. */
export function itemOf(items: Json | undefined, index: number): Json {
  return Array.isArray(items) ? (items[index] ?? null) : null;
}

function convertItem(shape: Shape, data: Json, texts: Json, field: string, fail: Fail): JsonObject {
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
  shape: Shape,
  data: JsonObject,
  texts: JsonObject,
  prefix: string,
  fail: Fail,
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
function foldKeys(names: readonly string[], data: JsonObject, prefix = '', fail?: Fail): JsonObject {
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
function checkDuplicate(field: string, values: readonly Json[], fail?: Fail): void {
  const types = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  if (types.has('object') || (types.has('boolean') && types.size > 1))
    fail?.(field, 'occurs twice, in upper and lower case: Helm reads both as one field. Remove one');
}

/** Removes unprintable characters and makes all white space spaces, as Helm does (chart.sanitizeString). */
function sanitize(value: string): string {
  return value.replace(/\p{White_Space}/gu, ' ').replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '');
}
