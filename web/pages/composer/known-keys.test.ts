import { describe, expect, it } from 'vitest';
import { findKnownKeys, findPossibleValues } from './known-keys.ts';

const schema = {
  properties: {
    auth: { $ref: '#/$defs/auth' },
    replicas: { type: 'integer', description: 'How many run.' },
    'a/b': { allOf: [{ properties: { c: { type: ['string', 'null'] } } }] },
  },
  $defs: {
    auth: { type: 'object', properties: { user: { type: 'string' } } },
    loop: { $ref: '#/$defs/loop' },
  },
};
const values = { replicas: 1, auth: { database: 'app' }, notes: null, list: [1, 2] };

describe('known keys', () => {
  it('come from schema and defaults, by name', () => {
    expect(findKnownKeys({ schema, values }, [])).toEqual([
      { name: 'a/b' },
      { name: 'auth', type: 'object', default: '{"database":"app"}' },
      { name: 'list', type: 'array', default: '[1,2]' },
      { name: 'notes', type: 'null', default: 'null' },
      { name: 'replicas', type: 'integer', description: 'How many run.', default: '1' },
    ]);
  });

  it('known keys are found below a path, through references and allOf', () => {
    expect(findKnownKeys({ schema, values }, ['auth']).map(({ name }) => name)).toEqual(['database', 'user']);
    expect(findKnownKeys({ schema, values }, ['a/b'])).toEqual([{ name: 'c', type: 'string or null' }]);
    expect(findKnownKeys({ schema, values }, ['replicas', 'x'])).toEqual([]);
  });

  it.each([
    undefined,
    null,
    true,
    [],
    { properties: 1 },
    { $ref: '#/$defs/loop', $defs: { loop: { $ref: '#/$defs/loop' } } },
  ])('are none in a schema that has none (%#)', (odd) =>
    expect(findKnownKeys({ schema: odd, values: undefined }, ['a'])).toEqual([]),
  );
});

describe('known values', () => {
  const choices = {
    properties: {
      policy: { enum: ['Always', 'Never'], default: 'Never' },
      on: { type: 'boolean' },
      hosts: { items: { properties: { name: { type: 'string' }, tls: { type: 'boolean' } } } },
    },
  };
  const inside = [{ keys: ['db'], schema: choices }];

  it('known values are the choices of a schema, booleans and the default', () => {
    expect(findPossibleValues({ schema: choices, values: { policy: 'Other' } }, ['policy'])).toEqual([
      'Always',
      'Never',
      'Other',
    ]);
    expect(findPossibleValues({ schema: choices, values: {} }, ['on'])).toEqual([true, false]);
    expect(findPossibleValues({ schema: undefined, values: { on: false } }, ['on'])).toEqual([false, true]);
  });

  it('known values and keys are found in items of lists, and below the name of a chart inside', () => {
    const known = { schema: undefined, values: {}, inside };
    expect(findKnownKeys({ schema: choices, values: {} }, ['hosts', '0']).map(({ name }) => name)).toEqual([
      'name',
      'tls',
    ]);
    expect(findKnownKeys(known, ['db']).map(({ name }) => name)).toEqual(['hosts', 'on', 'policy']);
    expect(findPossibleValues(known, ['db', 'policy'])).toEqual(['Always', 'Never']);
    expect(findKnownKeys(known, ['other'])).toEqual([]);
  });
});
