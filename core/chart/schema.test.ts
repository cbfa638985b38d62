import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from './json.ts';
import { readSchema, SchemaBroken } from './schema.ts';

const check = (schema: unknown, values: JsonObject) => readSchema(JSON.stringify(schema)).check(values);
const draft7 = 'http://json-schema.org/draft-07/schema#';

describe('a values.schema.json', () => {
  it('names the value that does not fit, and the keyword', () => {
    const schema = { properties: { 'a/b': { properties: { port: { type: 'integer' } } } } };
    expect(check(schema, { 'a/b': { port: 1 } })).toEqual([]);
    expect(check(schema, { 'a/b': { port: 'x' } })).toMatchObject([
      {
        path: ['a/b', 'port'],
        schema: expect.stringMatching(/port\/type$/),
        message: expect.stringContaining('integer'),
      },
    ]);
  });

  it('names every fault, without the trail to it', () => {
    const schema = {
      $defs: { name: { minLength: 2 } },
      allOf: [{ properties: { a: { $ref: '#/$defs/name' }, b: { enum: [1] } } }],
      additionalProperties: false,
      properties: { a: true, b: true },
      required: ['z'],
    };
    expect(check(schema, { a: 'x', b: 2, '%~': 1 }).map(({ path }) => path)).toEqual([
      ['a'],
      ['b'],
      [],
      ['%~'],
    ]);
  });

  it('says of alternatives that none fits, not what each has against it', () => {
    const schema = {
      properties: { a: { anyOf: [{ type: 'string' }, { properties: { x: { type: 'null' } } }] } },
    };
    expect(check(schema, { a: { x: 1 } })).toMatchObject([
      { path: ['a'], schema: expect.stringMatching(/anyOf$/) },
    ]);
  });

  it('is of draft 2020-12 unless it says otherwise', () => {
    const schema = { properties: { a: { prefixItems: [{ type: 'string' }] } } };
    expect(check(schema, { a: [1] })).toHaveLength(1);
    expect(check({ $schema: draft7, ...schema }, { a: [1] })).toEqual([]);
  });

  it('asserts formats up to draft 7 only, as Helm does', () => {
    const schema = { properties: { a: { format: 'ipv4' } } };
    expect(check(schema, { a: 'x' })).toEqual([]);
    expect(check({ $schema: draft7, ...schema }, { a: 'x' })).toHaveLength(1);
  });

  it('is not followed outside the file', () => {
    const { check: ask, unchecked } = readSchema(
      JSON.stringify({
        $id: 'https://example.com/values.json',
        properties: {
          a: { $ref: 'https://example.com/other.json#/x' },
          b: { $ref: '#/properties/c' },
          c: { type: 'null' },
        },
      }),
    );
    expect(ask({ a: 1 })).toEqual([]);
    expect(ask({ b: 1 })).toHaveLength(1);
    expect(unchecked).toEqual(['$ref https://example.com/other.json#/x, which is not fetched']);
  });

  it.each([
    ['not JSON', '{'],
    ['a list', '[]'],
    ['a reference to nothing', '{"properties":{"a":{"$ref":"#/definitions/none"}}}'],
  ])('is broken when it is %s', (_, text) => expect(() => readSchema(text)).toThrow(SchemaBroken));

  it('leaves out patterns that only Go understands', () => {
    const { check: ask, unchecked } = readSchema(
      JSON.stringify({
        properties: { a: { pattern: '(?i)^x\\z' } },
        patternProperties: { '\\_': { type: 'null' } },
        additionalProperties: false,
      }),
    );
    expect(ask({ a: 'y', _: 1 })).toEqual([]);
    expect(unchecked).toHaveLength(2);
  });

  it('may be true or false', () => {
    expect(readSchema('true').check({ a: 1 })).toEqual([]);
    expect(readSchema('false').check({})).toHaveLength(1);
  });

  it('answers the same however often it is asked', () => {
    const schema = {
      $defs: { port: { type: 'integer', maximum: 9 } },
      properties: { a: { $ref: '#/$defs/port' }, b: { type: 'string' } },
      additionalProperties: false,
      dependentSchemas: { a: { required: ['b'] } },
    };
    const value = fc.constantFrom<Json[]>(1, 2, 10, 'x', null);
    const values = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value);
    const asked = readSchema(JSON.stringify(schema));
    fc.assert(
      fc.property(values, (given) => {
        expect(asked.check(given)).toEqual(check(schema, given));
      }),
      { numRuns: 500 },
    );
  });
});
