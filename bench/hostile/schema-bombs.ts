import type { JsonObject } from '../../core/yaml/json.ts';

/** Schema that costs far more to check than its text, and values that make it do so. */
export interface SchemaBomb {
  name: string;
  /** Text of values.schema.json. */
  schema: string;
  values: JsonObject;
}

const doubling = Object.fromEntries(
  Array.from({ length: 40 }, (_, level) => {
    const $ref = `#/$defs/level${level}`;
    return [`level${level + 1}`, { allOf: [{ $ref }, { $ref }] }];
  }),
);
const nested = (depth: number, open: string, close: string) =>
  `${open.repeat(depth)}true${close.repeat(depth)}`;

/** Schemas that hold up a checker that is not bounded. */
export const bombs: readonly SchemaBomb[] = [
  {
    name: 'exponential',
    schema: JSON.stringify({ $defs: { level0: { minLength: 0 }, ...doubling }, $ref: '#/$defs/level40' }),
    values: { a: 1 },
  },
  {
    name: 'backtracking',
    schema: JSON.stringify({ properties: { a: { pattern: '^(a+)+$' }, b: { pattern: '^(.*a){20}$' } } }),
    values: { a: `${'a'.repeat(400_000)}!`, b: `${'ab'.repeat(100_000)}` },
  },
  {
    name: 'unique',
    schema: JSON.stringify({ properties: { items: { uniqueItems: true } } }),
    values: { items: Array.from({ length: 30_000 }, (_, id) => ({ id, name: `item ${id}` })) },
  },
  {
    name: 'deep',
    schema: nested(2_000, '{"properties":{"a":', '}}'),
    values: { a: { a: { a: 1 } } },
  },
  {
    name: 'deep-all-of',
    schema: nested(2_000, '{"allOf":[', ']}'),
    values: { a: 1 },
  },
  {
    name: 'recursive',
    schema: JSON.stringify({ anyOf: [{ $ref: '#' }, { not: { $ref: '#' } }] }),
    values: { a: 1 },
  },
  {
    name: 'long-enum',
    schema: JSON.stringify({
      properties: { a: { enum: Array.from({ length: 150_000 }, (_, id) => `value ${id}`) } },
    }),
    values: { a: 'none of them' },
  },
  {
    name: 'many-errors',
    schema: JSON.stringify({ additionalProperties: { type: 'string', minLength: 1_000, pattern: '^x' } }),
    values: Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index])),
  },
];
