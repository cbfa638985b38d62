import { findSchemaFacts } from '../../parts/values/find-schema-facts.ts';
import { findKeySchemas, isMap } from '../../parts/values/schema-places.ts';
import { joinPointer, valueAt } from '../../parts/values/values-tree.ts';

/** Schema and defaults of a chart, and the schemas of charts inside it. */
export interface SchemaAndDefaults {
  schema: unknown;
  values: unknown;
  /** Schemas of charts inside, each with the keys below which its values stand. */
  inside?: readonly { keys: readonly string[]; schema: unknown }[];
}

/** Key that may be typed at a place. */
export interface KnownKey {
  name: string;
  /** Type by the schema, or that of the default. */
  type?: string;
  description?: string;
  /** Default as JSON, shortened: that of the chart, or else of the schema. */
  default?: string;
}

const maxDefaultLength = 60;

/** Finds the keys that a chart knows below a path of keys, by name. */
export function findKnownKeys(known: SchemaAndDefaults, path: readonly string[]): KnownKey[] {
  const keys = new Map<string, KnownKey>();
  for (const { schema, pointer } of schemasAt(known, path)) {
    const { places } = findKeySchemas(schema, pointer);
    const names = places.flatMap(({ properties }) => (isMap(properties) ? Object.keys(properties) : []));
    for (const name of names) keys.set(name, { name, ...describeKey(schema, joinPointer(pointer, name)) });
  }
  const defaults = valueAt(known.values, pointerOf(path));
  for (const [name, value] of Object.entries(isMap(defaults) ? defaults : {})) {
    const key = keys.get(name) ?? { name, type: typeOf(value) };
    keys.set(name, { ...key, default: shorten(JSON.stringify(value)) });
  }
  return [...keys.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Finds the values that a key may have: a schema's choices, booleans, the default. */
export function findPossibleValues(known: SchemaAndDefaults, path: readonly string[]): unknown[] {
  const found: unknown[] = [];
  for (const { schema, pointer } of schemasAt(known, path)) {
    const facts = findSchemaFacts(schema, pointer);
    found.push(...(facts?.choices ?? []));
    if (facts?.type?.split(' or ').includes('boolean')) found.push(true, false);
    if (facts?.default !== undefined) found.push(facts.default);
  }
  const shown = valueAt(known.values, pointerOf(path));
  if (typeof shown === 'boolean') found.push(shown, !shown);
  else if (shown !== undefined) found.push(shown);
  const scalars = found.filter((value) => typeof value !== 'object' || value === null);
  return [...new Set(scalars)].filter((value) => value !== '');
}

/** Lists the schemas that speak of a path, with the pointer of the path in each: the chart's own, and those inside. */
function schemasAt(
  known: SchemaAndDefaults,
  path: readonly string[],
): { schema: unknown; pointer: string }[] {
  const inside = (known.inside ?? []).filter(({ keys }) => keys.every((key, index) => path[index] === key));
  return [{ keys: [], schema: known.schema }, ...inside].map(({ keys, schema }) => ({
    schema,
    pointer: pointerOf(path.slice(keys.length)),
  }));
}

function pointerOf(path: readonly string[]): string {
  return path.reduce(joinPointer, '');
}

function describeKey(schema: unknown, pointer: string): Omit<KnownKey, 'name'> {
  const facts = findSchemaFacts(schema, pointer);
  const text = facts?.description ?? facts?.title;
  return {
    ...(facts?.type === undefined ? {} : { type: facts.type }),
    ...(text === undefined ? {} : { description: text }),
    ...(facts?.default === undefined ? {} : { default: shorten(JSON.stringify(facts.default)) }),
  };
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function shorten(text: string): string {
  return text.length > maxDefaultLength ? `${text.slice(0, maxDefaultLength - 1)}…` : text;
}
