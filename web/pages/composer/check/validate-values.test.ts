import { expect, it } from 'vitest';
import { validateValues } from './validate-values.ts';

const check = (schema: unknown, values: unknown) => validateValues(JSON.stringify(schema), values);

it('says what a value must be, and where', () => {
  const schema = {
    required: ['host'],
    additionalProperties: false,
    properties: {
      replicas: { type: ['integer', 'null'], minimum: 1 },
      policy: { enum: ['Always', 'Never'] },
      users: { type: 'array', items: { properties: { 'a/b': { $ref: '#/$defs/name' } } } },
      host: {},
    },
    $defs: { name: { type: 'string', maxLength: 3 } },
  };
  const values = { replicas: 'x', policy: 'Some', users: [{}, { 'a/b': 'long' }], extra: 1 };
  expect(check(schema, values)).toEqual([
    { pointer: '', message: 'needs the key host' },
    { pointer: '/replicas', message: 'must be integer or null, not string' },
    { pointer: '/policy', message: 'must be one of "Always", "Never"' },
    { pointer: '/users/1/a~1b', message: 'String is too long (4 > 3)' },
    { pointer: '/extra', message: 'is not a key that this chart knows' },
  ]);
  expect(check(schema, { host: 1, replicas: null })).toEqual([]);
});

it('sums up alternatives in one violation', () => {
  const schema = {
    properties: { port: { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^[a-z]+$' }] } },
  };
  expect(check(schema, { port: true })).toEqual([
    { pointer: '/port', message: 'does not match any subschemas' },
  ]);
});

it.each([
  ['draft-04', 'http://json-schema.org/draft-04/schema#', { minimum: 1, exclusiveMinimum: true }, 1],
  ['draft-07', 'http://json-schema.org/draft-07/schema#', { format: 'ipv4' }, 'no address'],
])('reads a schema in its draft: %s', (_name, $schema, port, value) => {
  expect(check({ $schema, properties: { port } }, { port: value })).toHaveLength(1);
  // Newer drafts assert no formats, and Helm neither.
  expect(check({ properties: { port: { format: 'ipv4' } } }, { port: 'no address' })).toEqual([]);
});

it.each([
  ['no JSON', '{'],
  ['a list', '[]'],
  ['an unknown draft', '{"$schema":"https://example.org/own"}'],
  ['a reference elsewhere', '{"$ref":"https://example.org/schema.json"}'],
  ['a reference to itself', '{"$ref":"#"}'],
  ['a pattern that is none', '{"properties":{"a":{"pattern":"("}}}'],
  ['a deep one', `${'{"not":'.repeat(20_000)}{}${'}'.repeat(20_000)}`],
])('throws for a schema that is %s', (_name, text) => {
  expect(() => validateValues(text, { a: 'x' })).toThrow();
});
