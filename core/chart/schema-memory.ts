import type { Schema } from '@cfworker/json-schema';
import { getKey, isObject, type Json, type JsonObject } from './json.ts';

/** Remembers of each property of a schema the value that it took last. */
export interface SchemaMemory {
  /** The same schema, but for properties whose values it has taken before: those take anything. */
  trim(schema: Schema, values: JsonObject): Schema;
  /** To be told of values that a schema has taken as a whole. */
  learn(schema: Schema, values: JsonObject): void;
}

/** A value that is not changed any more, and its text once that was needed. */
interface Taken {
  value: Json;
  text?: string;
}

/** Mostly it is the very same, since charts are kept. */
function isTaken(known: Taken | undefined, value: Json): boolean {
  if (!known || known.value === value) return known !== undefined;
  known.text ??= JSON.stringify(known.value);
  return known.text === JSON.stringify(value);
}

/**
 * Values of one chart are checked again and again, and mostly differ in little from the time before. A property's value
 * meets its part of the schema by itself, whatever stands beside it; that does not hold for references at the root, and
 * for `$recursiveRef`, so a schema with those is checked whole.
 *
 * @param text the schema's own
 */
export function createSchemaMemory(text: string): SchemaMemory {
  const taken = new Map<string, Taken>();
  const whole = text.includes('"$recursive');
  const isWhole = ({ $ref, properties }: Schema) => whole || $ref !== undefined || !isObject(properties);

  return {
    trim(schema, values) {
      if (isWhole(schema)) return schema;
      const properties = { ...schema.properties };
      for (const key of Object.keys(properties)) {
        const value = getKey(values, key);
        if (value !== undefined && isTaken(taken.get(key), value)) properties[key] = true;
      }
      return { ...schema, properties };
    },
    learn(schema, values) {
      if (isWhole(schema)) return;
      for (const key of Object.keys(schema.properties ?? {})) {
        const value = getKey(values, key);
        if (value !== undefined && taken.get(key)?.value !== value) taken.set(key, { value });
      }
    },
  };
}
