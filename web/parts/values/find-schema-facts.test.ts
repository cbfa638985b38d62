import { describe, expect, it } from 'vitest';
import { findSchemaFacts } from './find-schema-facts.ts';
import { commentAt, readParameterComments } from './read-comments.ts';

const schema = {
  type: 'object',
  required: ['replicas'],
  properties: {
    replicas: { type: 'integer', minimum: 1, default: 2, description: 'How many' },
    image: { $ref: '#/definitions/image' },
    hosts: { type: 'array', items: { type: 'object', properties: { name: { type: ['string', 'null'] } } } },
    mode: { anyOf: [{ enum: ['a', 'b'] }, { const: 'c' }], deprecated: true },
    loop: { $ref: '#/properties/loop' },
    far: { $ref: 'https://example.org/schema.json' },
  },
  patternProperties: { '^x-': { title: 'Extension' }, '(': {} },
  additionalProperties: { type: 'string' },
  definitions: { image: { properties: { tag: { type: 'string', pattern: '^v' } } } },
};

describe('facts of a schema', () => {
  it.each([
    [
      '/replicas',
      { type: 'integer', default: 2, description: 'How many', bounds: ['at least 1'], required: true },
    ],
    ['/image/tag', { type: 'string', bounds: ['matches ^v'], required: false }],
    ['/hosts/0/name', { type: 'string or null' }],
    ['/mode', { choices: ['a', 'b', 'c'], deprecated: true }],
    ['/x-any', { title: 'Extension' }],
    ['/other', { type: 'string' }],
  ])('%s is described', (pointer, facts) => {
    expect(findSchemaFacts(schema, pointer)).toMatchObject(facts);
  });

  it('references in circles and to other documents end', () => {
    expect(findSchemaFacts(schema, '/loop')).toMatchObject({ bounds: [] });
    expect(findSchemaFacts(schema, '/far')).toMatchObject({ bounds: [] });
    expect(findSchemaFacts(schema, '/image/none')).toBeUndefined();
    expect(findSchemaFacts(undefined, '/a')).toBeUndefined();
    expect(findSchemaFacts(schema, '')).toBeUndefined();
  });
});

describe('patterns of a schema', () => {
  it.each([
    ['^(a+)+$', `${'a'.repeat(63)}!`],
    ['(a|a)*', 'aaaa'],
    ['(a?){40}', 'aaaa'],
    [`${'.*'.repeat(8)}x`, 'a'.repeat(64)],
    ['a'.repeat(101), 'a'.repeat(64)],
  ])('%s is not run, since it may take long', (pattern, name) => {
    const hostile = {
      patternProperties: { [pattern]: { title: 'Found' } },
      additionalProperties: { title: 'Other' },
    };
    expect(findSchemaFacts(hostile, `/${name}`)).toMatchObject({ title: 'Other' });
  });

  it.each([
    ['^x-', 'x-any'],
    ['^[a-z0-9_-]+$', 'any-name'],
    ['\\.ya?ml$', 'a.yaml'],
    ['^\\(\\+a*', '(+aa'],
    ['.*', 'any'],
    ['^\\d{1,3}$', '42'],
  ])('%s finds %s', (pattern, name) => {
    expect(
      findSchemaFacts({ patternProperties: { [pattern]: { title: 'Found' } } }, `/${name}`),
    ).toMatchObject({
      title: 'Found',
    });
  });

  it('patterns without end are tried a bounded number of times', () => {
    const many = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, at) => [`^x${at}$`, { title: `${at}` }]),
    );
    expect(findSchemaFacts({ patternProperties: many }, '/x10')).toMatchObject({ title: '10' });
    expect(findSchemaFacts({ patternProperties: many }, '/x900')).toBeUndefined();
  });
});

describe('comments as descriptions', () => {
  it('parameters are read by their path', () => {
    const lines = [
      '## @param image.tag [string] The tag',
      '## @param x',
      '# @param y not this',
      '## @section s',
    ];
    expect([...readParameterComments(lines)]).toEqual([['image.tag', 'The tag']]);
  });

  it('a comment above a line, or behind it, belongs to it', () => {
    const lines = [
      '# far',
      '',
      '# -- How many',
      '# of them',
      'replicas: 1 # at least',
      'other: "a # b"',
      'url: x',
    ];
    expect(commentAt(lines, 5)).toBe('How many\nof them\nat least');
    expect(commentAt(lines, 6)).toBeUndefined();
    expect(commentAt(lines, 7)).toBeUndefined();
  });
});
