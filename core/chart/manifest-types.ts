import { z } from 'zod';
import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import { isGoTime } from './go-time.ts';

/** Says what is wrong with a field, and does not return. */
export type Fail = (field: string, problem: string) => never;

interface FieldType {
  schema: z.ZodType<Json>;
  /** Where the value is taken from: as data, or with numbers and booleans made strings as Helm does. */
  from: 'data' | 'strings';
}

type Shape = ReadonlyMap<string, FieldType>;

const timeRule = 'must be a time such as "2026-01-31T12:00:00Z", in quotes or not';
const raw = z.string({ error: 'must be a string' });
const string: FieldType = { schema: raw.transform(sanitize), from: 'strings' };
const exact: FieldType = { schema: raw, from: 'strings' };
// Null in a list or a map of strings is an empty string to Go.
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

/** The fields of Helm's chart.Metadata but `dependencies` and `maintainers`. */
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

/** The fields of Helm's chart.Dependency. */
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

/** The fields of Helm's chart.Lock but `dependencies`. */
const lock: Shape = new Map([
  [
    'generated',
    { schema: z.string({ error: timeRule }).refine(isGoTime, { error: timeRule }), from: 'data' },
  ],
  ['digest', string],
]);

/**
 * Gives the fields that Helm knows the types that Helm gives them; drops null fields, keeps unknown ones as they are.
 *
 * @param data Chart.yaml without `dependencies`.
 * @param texts the same with numbers and booleans as strings.
 */
export function typeManifest(data: JsonObject, texts: JsonObject, fail: Fail): JsonObject {
  const typed = typeFields(metadata, data, texts, '', fail);
  const { maintainers } = typed;
  if (maintainers === undefined) return typed;
  if (!Array.isArray(maintainers)) return fail('maintainers', 'must be a list');
  typed.maintainers = maintainers.map((item, index) =>
    typeItem(maintainer, item, itemOf(texts.maintainers, index), `maintainers[${index}]`, fail),
  );
  return typed;
}

/** Types one item of `dependencies` likewise. */
export function typeDependency(data: Json, texts: Json, field: string, fail: Fail): JsonObject {
  return typeItem(dependency, data, texts, field, fail);
}

/**
 * A chart's metadata with the fields that Helm knows and no others.
 *
 * @param manifest as `typeManifest` leaves it.
 * @param dependencies as they are declared.
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

/**
 * Spells the keys of Chart.yaml as Helm's fields are spelled: Go's JSON reader does not mind upper and lower case, so
 * `appversion` is `appVersion`.
 */
export function foldManifest(data: JsonObject, fail?: Fail): JsonObject {
  return foldKeys(['maintainers', 'dependencies', ...metadata.keys()], data, '', fail);
}

/** Checks a lock file as Helm does when it reads one into chart.Lock; entries of its list may be null. */
export function checkLock(data: JsonObject, texts: JsonObject, fail: Fail): void {
  const names = ['dependencies', ...lock.keys()];
  const { dependencies, ...plain } = foldKeys(names, data, '', fail);
  const { dependencies: items, ...texted } = foldKeys(names, texts);
  typeFields(lock, plain, texted, '', fail);
  if (dependencies === undefined || dependencies === null) return;
  const list = Array.isArray(dependencies) ? dependencies : fail('dependencies', 'must be a list');
  for (const [index, item] of list.entries()) {
    if (item !== null) typeItem(dependency, item, itemOf(items, index), `dependencies[${index}]`, fail);
  }
}

/** The item of a list, or null where there is none. */
export function itemOf(items: Json | undefined, index: number): Json {
  return Array.isArray(items) ? (items[index] ?? null) : null;
}

function typeItem(shape: Shape, data: Json, texts: Json, field: string, fail: Fail): JsonObject {
  if (!isObject(data)) return fail(field, data === null ? 'must not be empty' : 'must be a map');
  const keys = [...shape.keys()];
  return typeFields(
    shape,
    foldKeys(keys, data, `${field}.`, fail),
    isObject(texts) ? foldKeys(keys, texts) : {},
    `${field}.`,
    fail,
  );
}

function typeFields(
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
 * Spells keys as the names that Go takes them for.
 * @param fail says where a name stands twice and Helm reads both; left out where that was checked before
 */
function foldKeys(names: readonly string[], data: JsonObject, prefix = '', fail?: Fail): JsonObject {
  const byFold = new Map(names.map((name) => [name.toLowerCase(), name]));
  const folded: JsonObject = {};
  const winners = new Map<string, string>();
  for (const [key, value] of Object.entries(data)) {
    const name = byFold.get(key.toLowerCase()) ?? key;
    // Helm's parser sorts the keys before it reads them, and the last one that is not null counts.
    const winner = winners.get(name);
    if (Object.hasOwn(folded, name)) checkTwice(`${prefix}${key}`, [value, folded[name] ?? null], fail);
    if (winner !== undefined && (value === null || winner > key)) continue;
    if (value !== null) winners.set(name, key);
    setKey(folded, name, value);
  }
  return folded;
}

/** Refuses a field that stands twice where Helm would merge lists or maps, or refuse one of them for its type. */
function checkTwice(field: string, values: readonly Json[], fail?: Fail): void {
  const types = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  if (types.has('object') || (types.has('boolean') && types.size > 1))
    fail?.(field, 'stands twice, in capital and small letters: Helm takes both for one field. Remove one');
}

/** Helm drops what cannot be printed and makes spaces of all white space (chart.sanitizeString). */
function sanitize(value: string): string {
  return value.replace(/\p{White_Space}/gu, ' ').replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '');
}
