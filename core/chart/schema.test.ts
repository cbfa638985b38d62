import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../yaml/json.ts';
import { SchemaBroken, SchemaExceeded } from './schema/errors.ts';
import { readSchema } from './schema.ts';

const check = (schema: unknown, values: JsonObject) => readSchema(JSON.stringify(schema)).check(values);
const draft7 = 'http://json-schema.org/draft-07/schema#';

/** Makes a schema whose references double at each level. */
function exponential(levels: number): JsonObject {
  const $defs: JsonObject = { s0: { minLength: 0 } };
  for (let level = 1; level <= levels; level += 1) {
    const $ref = `#/$defs/s${level - 1}`;
    $defs[`s${level}`] = { allOf: [{ $ref }, { $ref }] };
  }
  return { $id: 'https://example.com/exponential', $defs, $ref: `#/$defs/s${levels}` };
}

function deep(levels: number): JsonObject {
  let schema: JsonObject = {};
  for (let level = 0; level < levels; level += 1) schema = { allOf: [schema] };
  return schema;
}

describe('a values.schema.json', () => {
  it('a fault names the value that does not fit, and the keyword', () => {
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

  it('check returns every fault, without the keywords that led to it', () => {
    const schema = {
      $defs: { name: { minLength: 2 } },
      allOf: [{ properties: { a: { $ref: '#/$defs/name' }, b: { enum: [1] } } }],
      additionalProperties: false,
      properties: { a: true, b: true },
      required: ['z'],
    };
    expect(check(schema, { a: 'x', b: 2, '%~': 1 }).map(({ path }) => path)).toEqual([
      [],
      ['%~'],
      ['a'],
      ['b'],
    ]);
  });

  it('a fault of alternatives says that none fits, not the fault of each', () => {
    const schema = {
      properties: { a: { anyOf: [{ type: 'string' }, { properties: { x: { type: 'null' } } }] } },
    };
    expect(check(schema, { a: { x: 1 } })).toMatchObject([
      { path: ['a'], schema: expect.stringMatching(/anyOf$/) },
    ]);
  });

  it('a schema is of draft 2020-12 unless it names another', () => {
    const schema = { properties: { a: { prefixItems: [{ type: 'string' }] } } };
    expect(check(schema, { a: [1] })).toHaveLength(1);
    expect(check({ $schema: draft7, ...schema }, { a: [1] })).toEqual([]);
  });

  it('formats are asserted up to draft 7 only, as in Helm', () => {
    const schema = { properties: { a: { format: 'ipv4' } } };
    expect(check(schema, { a: 'x' })).toEqual([]);
    expect(check({ $schema: draft7, ...schema }, { a: 'x' })).toHaveLength(1);
  });

  it('references outside the file are not followed', () => {
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
  ])('a schema is broken if it is %s', (_, text) => expect(() => readSchema(text)).toThrow(SchemaBroken));

  it('patterns are read as in Go', () => {
    const schema = {
      properties: { a: { pattern: '(?i)^x\\z' } },
      patternProperties: { '\\_': { type: 'null' } },
      additionalProperties: false,
    };
    expect(check(schema, { a: 'X', _: null })).toEqual([]);
    expect(check(schema, { a: 'y', _: 1 })).toHaveLength(2);
  });

  it.each<[string, unknown]>([
    ['a lookahead', { $schema: draft7, properties: { a: { pattern: '^(?!http)' } } }],
    ['a lookahead for keys', { patternProperties: { '(?=a)': {} } }],
    ['a repetition beyond 1000', { properties: { a: { pattern: 'a{1001}' } } }],
    ['a boolean of draft 4', { $schema: draft7, properties: { a: { minimum: 1, exclusiveMinimum: true } } }],
    ['a list of items in draft 2020-12', { properties: { a: { items: [{ type: 'string' }] } } }],
    ['a negative length', { properties: { a: { minLength: -1 } } }],
    ['a type that is none', { definitions: { unused: { type: 'text' } } }],
    ['a file beside it', { properties: { a: { $ref: 'other.json' } } }],
    ['an anchor that is missing', { properties: { a: { $ref: '#none' } } }],
    ['a draft that is none', { $schema: 'draft-07' }],
    ['null', null],
    ['a number', 1],
  ])('a schema is refused for %s', (_, schema) => {
    expect(() => check(schema, {})).toThrow(SchemaBroken);
  });

  it.each(['', '{} {}', '\uFEFF\uFEFF{}'])('a schema is refused if its text is %j', (text) => {
    expect(() => readSchema(text)).toThrow(SchemaBroken);
  });

  it('no value fits a schema that refers to itself', () => {
    expect(check({ $ref: '#' }, {})).toHaveLength(1);
  });

  it.each([
    ['duration', 'P1D', 'abc'],
    ['json-pointer', '/a', 'a'],
    ['regex', '(?i)a', '(?!a)'],
    ['semver', '1.2.3', '1.2'],
    ['time', '23:59:60Z', '12:00:00'],
  ])('the format %s is asserted in draft 7', (format, good, bad) => {
    const schema = { $schema: draft7, properties: { a: { format } } };
    expect(check(schema, { a: good })).toEqual([]);
    expect(check(schema, { a: bad })).toHaveLength(1);
  });

  it('multiples are computed by decimal digits', () => {
    const schema = { properties: { a: { multipleOf: 0.1 } } };
    expect(check(schema, { a: 0.3 })).toEqual([]);
    expect(check(schema, { a: 0.35 })).toHaveLength(1);
  });

  it.each<[string, string, Json, boolean]>([
    ['a number for the text of it in const', '{"const":"1"}', 1, true],
    ['a text for the number of it in const', '{"const":1}', '1', false],
    ['a number for the text of it in enum beside a number', '{"enum":["1",2]}', 1, true],
    ['a number for the text of it in enum of texts', '{"enum":["1","2"]}', 1, false],
    ['a number after the text of it in uniqueItems', '{"uniqueItems":true}', ['80', 80], false],
    ['a number before the text of it in uniqueItems', '{"uniqueItems":true}', [80, '80'], true],
    ["a maximum beyond JavaScript's range", '{"maximum":1e400}', 1e308, true],
    ["a minimum beyond JavaScript's range", '{"minimum":1e400}', 1e308, false],
    ['a multiple of almost zero', '{"multipleOf":1e-400}', 0.1, true],
    ["a multiple beyond JavaScript's range", '{"multipleOf":1e400}', 1, false],
    ['a length that Go wraps to 0', '{"maxLength":1e400}', 'a', false],
    ['a number in a text of the schema', '{"const":"1e400"}', '1e400', true],
    ['negative zero', '{"minimum":0,"maximum":0,"const":0}', -0, true],
    ['1.0 as an integer', '{"type":"integer","enum":[1.0]}', 1, true],
  ])('a schema with %s is evaluated as in Go', (_, schema, value, isValid) => {
    expect(readSchema(`{"properties":{"a":${schema}}}`).check({ a: value }).length === 0).toBe(isValid);
  });

  it('a schema with a count slightly above zero is refused', () => {
    expect(() => readSchema('{"maxLength":1e-400}')).toThrow(SchemaBroken);
  });

  const draft4 = 'http://json-schema.org/draft-04/schema#';
  it.each<[string, object, string[]]>([
    ['a format that the library does not know', { $schema: draft7, format: 'int32' }, ['the format "int32"']],
    [
      'a format in a draft that asserts none',
      { properties: { a: { format: 'email' } } },
      ['the format "email"'],
    ],
    [
      'a keyword of a later draft',
      { $schema: draft4, if: {}, const: 1 },
      ['the keyword if', 'the keyword const'],
    ],
    ['a keyword of an earlier draft', { items: {}, additionalItems: false }, ['the keyword additionalItems']],
    [
      'a keyword that is never checked',
      { $schema: draft7, contentEncoding: 'base64' },
      ['the keyword contentEncoding'],
    ],
    [
      'a keyword beside $ref',
      {
        $schema: draft7,
        properties: { a: { $ref: '#/definitions/b', type: 'string' } },
        definitions: { b: {} },
      },
      ['the keyword type beside $ref'],
    ],
    ['a format once', { allOf: [{ format: 'x' }, { format: 'x' }] }, ['the format "x"']],
  ])('ignored lists %s', (_, schema, parts) => {
    const { ignored } = readSchema(JSON.stringify(schema));
    expect(ignored.map((part) => part.replace(/, which Helm does not check in draft.*/, ''))).toEqual(parts);
  });

  it.each([
    { $schema: draft7, format: 'semver', if: {}, contains: {}, const: 1 },
    { $schema: draft4, format: 'date-time', title: 'T', form: true, 'x-note': 1, nullable: true },
    { $schema: draft7, $ref: '#/definitions/b', title: 'T', description: 'D', definitions: { b: {} } },
    {
      properties: { format: { default: 'json' }, additionalItems: {} },
      $defs: { unused: { format: 'email' } },
    },
  ])('ignored leaves out what is checked, what only describes, and what nothing refers to', (schema) => {
    expect(readSchema(JSON.stringify(schema)).ignored).toEqual([]);
  });

  it('ignored is bounded in number and in length', () => {
    const long = 'x'.repeat(1_000);
    const formats = Array.from({ length: 100 }, (_, index) => ({ format: `${index}${long}` }));
    const { ignored } = readSchema(JSON.stringify({ allOf: formats }));
    expect(ignored).toHaveLength(20);
    expect(Math.max(...ignored.map(({ length }) => length))).toBeLessThanOrEqual(301);
  });

  it('unchecked lists numbers that lose digits', () => {
    const { unchecked } = readSchema(
      '{"title":"9007199254740995","maximum":9007199254740993,"minimum":0.10000000000000000}',
    );
    expect(unchecked).toEqual([
      expect.stringContaining('9007199254740993, which is taken for 9007199254740992'),
    ]);
  });

  it.each<[string, string[], string[]]>([
    ['\\p{letter}', ['a', 'Ω'], ['1']],
    ['^\\p{Uppercase_Letter}\\p{lu}$', ['AB'], ['Ab']],
    ['\\p{greek}', ['Ω'], ['a']],
    ['\\PpN', ['aN'], ['!N', 'a']],
    ['(?P<x>a)|(?<x>b)', ['a', 'b'], ['c']],
  ])('the class or group of the pattern %s is read as in Go', (pattern, good, bad) => {
    const schema = { additionalProperties: { pattern } };
    for (const text of good) expect(check(schema, { text }), text).toEqual([]);
    for (const text of bad) expect(check(schema, { text }), text).toHaveLength(1);
  });

  it.each(['\\p{Emoji}', '\\p{Alphabetic}', '\\p{Old_Italic}', '\\p{}', '\\p'])(
    'a pattern is refused for the class %s, which Go does not have',
    (pattern) => expect(() => check({ properties: { a: { pattern } } }, {})).toThrow(SchemaBroken),
  );

  it.each([
    ['uri', 'http://[::1]:80/', 'http://[a]/'],
    ['uri', 'http://[::]', 'http://[1.2.3.4]/'],
    ['uri', 'http://[1::2]', 'http://[::1%25en0]/'],
    ['uri', 'http://a#\n', 'http://a[::1]/'],
    ['uri-template', '/%7B', '/ä%7B'],
  ])('the format %s is asserted for %s and %s as in Go', (format, good, bad) => {
    const schema = { $schema: draft7, properties: { a: { format } } };
    expect(check(schema, { a: good })).toEqual([]);
    expect(check(schema, { a: bad })).toHaveLength(1);
  });

  it('a schema elsewhere refuses no value, whatever keyword refers to it', () => {
    const $ref = 'https://example.com/other.json';
    const schemas = [
      { not: { $ref } },
      { oneOf: [true, { $ref }] },
      { if: { $ref }, else: false },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
      { if: { $ref }, then: false },
      { not: { not: { $ref } } },
      { $ref, unevaluatedProperties: false },
      { properties: { a: { contains: { $ref }, maxContains: 0, minContains: 0 } } },
    ];
    for (const schema of schemas) expect(check(schema, { a: [1] })).toEqual([]);
    expect(check({ allOf: [{ $ref }, false] }, {})).toHaveLength(1);
  });

  it('a pattern is matched in linear time', () => {
    const schema = { properties: { a: { pattern: '^(a+)+$' } } };
    expect(check(schema, { a: `${'a'.repeat(100_000)}!` })).toHaveLength(1);
  });

  it('uniqueItems finds a duplicate among many items', () => {
    const schema = { properties: { a: { uniqueItems: true } } };
    const items = Array.from({ length: 60_000 }, (_, id) => ({ id, name: `item ${id}` }));
    expect(check(schema, { a: items })).toEqual([]);
    expect(check(schema, { a: [...items, { name: 'item 7', id: 7 }] })).toMatchObject([
      { path: ['a', '60000'] },
    ]);
  });

  const many = <T>(count: number, make: (index: number) => T) =>
    Array.from({ length: count }, (_, index) => make(index));
  const manyKeys = (count: number, make: (index: number) => Json): JsonObject =>
    Object.fromEntries(many(count, (index) => [`k${index}`, make(index)]));
  const property = (index: number) => ({ properties: { [`k${index}`]: { type: 'integer' } } });

  it.each<[string, (count: number) => { schema: unknown; values: JsonObject }]>([
    ['allOf', (count) => ({ schema: { allOf: many(count, property) }, values: manyKeys(count, () => 1) })],
    [
      'allOf beside unevaluatedProperties',
      (count) => ({
        schema: { allOf: many(count, property), unevaluatedProperties: false },
        values: manyKeys(count, () => 1),
      }),
    ],
    [
      'anyOf beside unevaluatedProperties',
      (count) => ({
        schema: { anyOf: many(count, property), unevaluatedProperties: false },
        values: manyKeys(count, () => 1),
      }),
    ],
    [
      'if in allOf beside unevaluatedProperties',
      (count) => ({
        schema: {
          allOf: many(count, (index) => ({ if: property(index), else: false })),
          unevaluatedProperties: false,
        },
        values: manyKeys(count, () => 1),
      }),
    ],
    [
      'dependentSchemas beside unevaluatedProperties',
      (count) => ({
        schema: { dependentSchemas: manyKeys(count, property), unevaluatedProperties: false },
        values: manyKeys(count, () => 1),
      }),
    ],
    [
      'allOf beside unevaluatedItems',
      (count) => ({
        schema: {
          properties: {
            a: { allOf: many(count, () => ({ prefixItems: [true] })), unevaluatedItems: { type: 'integer' } },
          },
        },
        values: { a: many(count, (index) => index) },
      }),
    ],
    [
      'an enum of maps',
      (count) => ({
        schema: { properties: { a: { items: { enum: many(count, (id) => ({ id, name: 'x' })) } } } },
        values: { a: many(count, (id) => ({ name: 'x', id })) },
      }),
    ],
    [
      'minProperties in allOf',
      (count) => ({
        schema: { allOf: many(count, (minProperties) => ({ minProperties })) },
        values: manyKeys(count, () => 1),
      }),
    ],
  ])('validation takes steps in proportion to size for %s', (_, make) => {
    const spentOn = (count: number) => {
      const { schema, values } = make(count);
      const budget = { remaining: 1_000_000_000 };
      expect(readSchema(JSON.stringify(schema)).check(values, budget)).toEqual([]);
      return 1_000_000_000 - budget.remaining;
    };
    expect(spentOn(4_000)).toBeLessThan(5 * spentOn(1_000));
  });

  it('unevaluatedProperties finds the unevaluated key beside 2,000 subschemas', () => {
    const schema = { allOf: many(2_000, property), unevaluatedProperties: false };
    expect(
      check(
        schema,
        manyKeys(2_000, () => 1),
      ),
    ).toEqual([]);
    expect(
      check(
        schema,
        manyKeys(2_001, () => 1),
      ),
    ).toMatchObject([{ path: ['k2000'] }]);
  });

  it('a schema may have 20,000 patterns for keys, and a value 20,000 keys that match one', () => {
    const patterns = Object.fromEntries(many(20_000, (index) => [`^k${index}$`, { type: 'integer' }]));
    const schema = { patternProperties: patterns, additionalProperties: false };
    expect(check(schema, { k7: 1, k19999: 2 })).toEqual([]);
    expect(check(schema, { k7: 'x', k20000: 2 }).map(({ path }) => path)).toEqual([['k7'], ['k20000']]);
    const one = { patternProperties: { '^k[0-9]+$': { type: 'integer' } }, additionalProperties: false };
    expect(
      check(
        one,
        manyKeys(20_000, () => 1),
      ),
    ).toEqual([]);
  });

  it.each<[string, string[], string[]]>([
    ['^ab', ['ab', 'abc'], ['', 'a', 'xab']],
    ['^ab$', ['ab'], ['abc', 'xab', 'ab\n']],
    ['^ab?$', ['a', 'ab'], ['abb', 'b']],
    ['^ab*', ['a', 'abb'], ['b']],
    ['^ab{2}$', ['abb'], ['ab', 'ab{2}']],
    ['^ab|c', ['ab', 'xc'], ['xab']],
    ['^ab(c|$)', ['ab', 'abc'], ['abd']],
    ['^a-[0-9]+$', ['a-1'], ['a-', 'b-1']],
    ['^a(?i)b$', ['ab', 'aB'], ['Ab']],
    ['^', ['', 'x'], []],
    ['$', ['', 'x'], []],
    ['^$', [''], ['x']],
    ['', ['', 'x'], []],
  ])('the pattern %s matches as in Go', (pattern, good, bad) => {
    const schema = { additionalProperties: { pattern } };
    for (const text of good) expect(check(schema, { text }), text).toEqual([]);
    for (const text of bad) expect(check(schema, { text }), text).toHaveLength(1);
  });

  it.each<[string, unknown, JsonObject]>([
    ['exponential references', exponential(40), {}],
    ['an exponential choice on text', { properties: { a: exponential(40) } }, { a: 'x' }],
    ['more levels than are allowed', deep(700), {}],
    [
      'a pattern of many states on a long text',
      { properties: { a: { pattern: '(.{30}){30}x' } } },
      { a: 'y'.repeat(900_000) },
    ],
    ['a pattern that unfolds', { properties: { a: { pattern: 'a{1000}'.repeat(1_000) } } }, {}],
  ])('validation is given up for %s, every time', (_, schema, values) => {
    expect(() => check(schema, values)).toThrow(SchemaExceeded);
    expect(() => check(schema, values)).toThrow(SchemaExceeded);
  });

  it('cached values cost as many steps as new ones', () => {
    const { check: ask } = readSchema(JSON.stringify({ properties: { a: { items: { type: 'integer' } } } }));
    const spent = [1, 2, 3].map(() => {
      const budget = { remaining: 1_000 };
      expect(ask({ a: [1, 2, 3] }, budget)).toEqual([]);
      return budget.remaining;
    });
    expect(new Set(spent).size).toBe(1);
  });

  it('a schema may be true or false', () => {
    expect(readSchema('true').check({ a: 1 })).toEqual([]);
    expect(readSchema('false').check({})).toHaveLength(1);
  });

  it('validation has the same result every time', () => {
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
