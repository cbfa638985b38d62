import { describe, expect, it } from 'vitest';
import { findKnownKeys, pathOfLine } from './known-keys.ts';

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

  it('are found below a path, through references and allOf', () => {
    expect(findKnownKeys({ schema, values }, ['auth']).map(({ name }) => name)).toEqual(['database', 'user']);
    expect(findKnownKeys({ schema, values }, ['a/b'])).toEqual([{ name: 'c', type: 'string | null' }]);
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

describe('the path of a line', () => {
  const lines = ['auth:', '  # comment', '  "quoted key":', '    x: 1', '    ', 'top: 1', '  odd'];
  it.each([
    [4, 4, ['auth', 'quoted key']],
    [4, 2, ['auth']],
    [5, 0, []],
    [6, 2, ['top']],
  ])('at line %i with an indentation of %i', (index, indent, path) => {
    expect(pathOfLine(lines, index, indent)).toEqual(path);
  });
});
