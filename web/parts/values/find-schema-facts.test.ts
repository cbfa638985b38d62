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
