import type { Json, JsonObject } from '../../core/yaml/json.ts';

/** Draws numbers that depend on the seed alone. */
export type Draw = (below: number) => number;

const drafts = [
  'http://json-schema.org/draft-04/schema#',
  'http://json-schema.org/draft-06/schema#',
  'http://json-schema.org/draft-07/schema#',
  'http://json-schema.org/draft-07/schema',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
  'https://json-schema.org/draft/2020-12/schema#',
  'http://json-schema.org/schema#',
  'http://json-schema.org/draft-07/schema#/definitions',
  'https://json-schema.org/draft/2019-09/meta/core',
  'urn:example:draft',
  'draft-07',
  '',
];
const patterns = [
  '^a+$',
  '(?!a)b',
  '(?i)A',
  '^(a+)+$',
  '\\d{2}',
  '\\z',
  '\\Z',
  '[[:alpha:]]+',
  '\\p{Greek}',
  '(?P<x>a)',
  '(?<x>a)',
  '\\u0041',
  'a{1001}',
  '(a{40}){40}',
  '^.{1,3}$',
  'a**',
  '[a',
  '\\w-',
  '^\\S+$',
  '\\Q.\\E',
  'x|',
  '(?s).',
  '\\b\\B',
  '\\pN',
  'a{,2}',
  '\\/',
  '\\_',
  '[^]a]',
  '\\x{41}',
  '\\1',
  '\\p{letter}',
  '\\p{greek}\\pl',
  '[\\P{^Uppercase_Letter}]',
  '\\p{Emoji}',
  '\\p{Old_Italic}',
  '(?P<x>a)|(?<x>b)',
  '^a-',
  '^a|b$',
  '^ab?',
  '',
];
const formats = [
  'date',
  'time',
  'date-time',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uuid',
  'duration',
  'period',
  'semver',
  'json-pointer',
  'relative-json-pointer',
  'uri-reference',
  'uri-template',
  'iri',
  'regex',
  'idn-email',
  'unknown',
];
const texts = [
  '',
  'a',
  'aa',
  'b',
  'ab',
  'abc',
  'Ω',
  '😀',
  '😀😀',
  '12',
  '1.2.3.4',
  '1.2.3.04',
  '+1.2.3.4',
  '::1',
  '::',
  '1:2:3:4:5:6:7:8',
  '::1.2.3.4',
  '1::8::',
  'fe80::1%eth0',
  '2024-02-29',
  '2023-02-29',
  '2024-1-1',
  '12:00:00Z',
  '23:59:60Z',
  '23:59:60+00:00',
  '22:59:60-01:00',
  '23:59:60-24:00',
  '00:00:60+00:01',
  '12:00:00.5+01:00',
  '12:00:00',
  '2024-02-29T12:00:00Z',
  '2024-02-29t12:00:00z',
  'a@b.c',
  '"a b"@c.d',
  '"a@c.d',
  'a..b@c',
  'a@[1.2.3.4]',
  'a@[IPv6:::1]',
  '-a',
  'a.',
  'a_b',
  'http://a.b/c?d#e',
  'http://[::1]:80/',
  'http://::1/',
  'http://[a]/',
  'http://[1.2.3.4]/',
  'http://[::1%25en0]/',
  'http://a[::1]/',
  'http://a#\n',
  '/ä%7B',
  '/%7B(',
  '/%7B',
  'http://a b/',
  'http://a/b c',
  'a:b',
  'a b',
  '/a b',
  '/a%zz',
  'http://a/%7Bb',
  'http://a/{b}',
  'http://a/{b',
  'http://a/}b{',
  '\\a',
  '//',
  '///a',
  '1a:b',
  ':a',
  'mailto:x',
  'P1D',
  'P1Y2M3DT4H5M6S',
  'PT1H',
  'P1W',
  'P1DT',
  'P',
  'PT',
  'P1M1Y',
  'P1D/2024-02-29T12:00:00Z',
  '2024-02-29T12:00:00Z/P1D',
  '1.2.3',
  '1.2.3-a.1+b',
  '1.2',
  '01.2.3',
  '1.2.3-01',
  '1.2.3+',
  '1.2.3-',
  '/a/~0',
  '/a/~2',
  '~',
  '0#',
  '01/a',
  '1/a',
  '3',
  '1',
  '0.10',
  '1e1',
  '550e8400-e29b-41d4-a716-446655440000',
  '550E8400e29b41d4a716446655440000',
  '(a',
  '[a-z]',
  'a{2}',
];
const numbers = [0, -0, 1, -1, 2, 3, 0.1, 0.3, 0.5, 1.5, 10, 1e3, 1e21, 1e-7, 5e-324, 100, -0.5];
const types = ['string', 'number', 'integer', 'object', 'array', 'boolean', 'null'];
const keys = ['a', 'b', 'c', 'ab', '12', 'a/b', '~'];
const references = [
  '#',
  '#/definitions/a',
  '#/$defs/a',
  '#/$defs/b',
  '#/properties/a',
  '#/definitions/none',
  '#a',
  '#b',
  '#/$defs/a%7',
  '#/definitions/x%25y',
  'urn:x',
  'urn:x#/a',
  'other.json',
  'ftp://x/y',
  'https://example.com/a',
  'https://example.com/b#/x',
  'a',
  './a#/properties/b',
  'http://json-schema.org/draft-07/schema#',
  'https://json-schema.org/draft/2020-12/meta/core',
  'http://[x',
  'a b',
  '%zz',
  '#/required/0',
  '#/properties',
];

/** Creates a `Draw` by mulberry32. */
export function createDraw(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function pick<T>(draw: Draw, list: readonly T[]): T {
  const found = list[draw(list.length)];
  if (found === undefined) throw new Error('an empty list');
  return found;
}

/** Draws a schema, sometimes with a keyword of a wrong type or of another draft. */
export function drawSchema(draw: Draw): Json {
  if (draw(60) === 0) return pick<Json>(draw, [true, false, null, [], 'x', 1, {}]);
  const schema = drawPart(draw, 3);
  if (!schema || typeof schema !== 'object' || Array.isArray(schema)) return schema;
  if (draw(4) > 0) schema.$schema = pick(draw, drafts.slice(0, draw(12) === 0 ? drafts.length : 8));
  if (draw(8) === 0)
    schema.$id = pick(draw, [
      'https://example.com/a',
      'x',
      'urn:x',
      '#a',
      'a#b',
      'file:///a',
      'http://[x',
      '%zz',
    ]);
  if (draw(2) === 0) schema.$defs = { a: drawPart(draw, 1), b: drawPart(draw, 1) };
  if (draw(2) === 0) schema.definitions = { a: drawPart(draw, 1), 'x%y': drawPart(draw, 1) };
  return schema;
}

function drawPart(draw: Draw, depth: number): Json {
  if (draw(12) === 0) return draw(2) === 0;
  if (draw(300) === 0) return pick<Json>(draw, [null, 1, 'x', []]);
  const schema: JsonObject = {};
  for (let left = 1 + draw(3); left > 0; left -= 1) {
    const [key, value] = drawKeyword(draw, depth);
    schema[key] = value;
  }
  return schema;
}

type Keyword = (draw: Draw, part: () => Json) => Json;

const list: Keyword = (draw, part) => Array.from({ length: 1 + draw(3) }, part);
const map: Keyword = (draw, part) =>
  Object.fromEntries(Array.from({ length: 1 + draw(3) }, () => [pick(draw, keys), part()]));
const one: Keyword = (_, part) => part();
const count: Keyword = (draw) => (draw(25) === 0 ? pick<Json>(draw, [-1, 1.5, '1', true]) : draw(4));
const amount: Keyword = (draw) =>
  draw(25) === 0 ? pick<Json>(draw, [true, false, '1', null]) : pick(draw, numbers);
const names: Keyword = (draw) =>
  draw(25) === 0
    ? pick<Json>(draw, ['a', [1], ['a', 'a'], []])
    : [...new Set([pick(draw, keys), pick(draw, keys)])];
const flag: Keyword = (draw) => draw(15) > 0;
const anchor: Keyword = (draw) => pick(draw, ['a', 'b', '1', 'a b', 'meta']);
const reference: Keyword = (draw) => pick(draw, references);

const scalars: Readonly<Record<string, Keyword>> = {
  type: (draw) =>
    pick<Json>(
      draw,
      draw(20) === 0
        ? ['none', [], ['string', 'string'], 1]
        : [...types, ['string', 'null'], ['integer', 'object']],
    ),
  enum: (draw) =>
    pick<Json>(
      draw,
      draw(20) === 0
        ? [[], [1, 1], 1]
        : [['a', 1, null], ['1', 2, '0.1'], ['1', '3'], [{ a: 1 }, [1, 2]], [1.0, 0], [true]],
    ),
  const: (draw) => pick<Json>(draw, ['a', 1, 0, '1', '10', null, [1], { a: 1 }]),
  pattern: (draw) => pick(draw, patterns),
  format: (draw) => pick(draw, formats),
  minLength: count,
  maxLength: count,
  minItems: count,
  maxItems: count,
  minProperties: count,
  maxProperties: count,
  minContains: count,
  maxContains: count,
  minimum: amount,
  maximum: amount,
  exclusiveMinimum: amount,
  exclusiveMaximum: amount,
  multipleOf: amount,
  uniqueItems: flag,
  required: names,
  contentEncoding: () => 'base64',
  default: () => 1,
  $ref: reference,
  $anchor: anchor,
  $id: (draw) => pick(draw, ['https://example.com/b', 'a', '#b', 'urn:y', 'b#c']),
  id: (draw) => pick(draw, ['https://example.com/b', 'a', '#b']),
  $dynamicAnchor: anchor,
  $dynamicRef: reference,
  $recursiveRef: reference,
  $recursiveAnchor: flag,
  unknown: () => ({ $ref: 1 }),
};

const applicators: Readonly<Record<string, Keyword>> = {
  properties: map,
  patternProperties: (draw, part) => ({ [pick(draw, patterns)]: part() }),
  additionalProperties: one,
  propertyNames: one,
  dependencies: (draw, part) => ({ [pick(draw, keys)]: draw(2) === 0 ? [pick(draw, keys)] : part() }),
  dependentSchemas: map,
  dependentRequired: (draw) => ({ [pick(draw, keys)]: [pick(draw, keys)] }),
  items: (draw, part) => (draw(3) === 0 ? list(draw, part) : part()),
  additionalItems: one,
  prefixItems: list,
  contains: one,
  unevaluatedItems: one,
  unevaluatedProperties: one,
  not: one,
  if: one,
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  then: one,
  else: one,
  allOf: list,
  anyOf: list,
  oneOf: list,
};

function drawKeyword(draw: Draw, depth: number): [string, Json] {
  const table = depth > 0 && draw(5) > 1 ? applicators : scalars;
  const key = pick(draw, Object.keys(table));
  return [key, table[key]?.(draw, () => drawPart(draw, depth - 1)) ?? null];
}

/** Draws values for a schema of `drawSchema`. */
export function drawValues(draw: Draw): JsonObject {
  return Object.fromEntries(keys.filter(() => draw(2) === 0).map((key) => [key, drawValue(draw, 2)]));
}

function drawValue(draw: Draw, depth: number): Json {
  const kind = draw(depth > 0 ? 6 : 4);
  if (kind === 0) return pick(draw, texts);
  if (kind === 1) return pick(draw, numbers);
  if (kind === 2) return pick<Json>(draw, [true, false, null]);
  if (kind === 3) return pick(draw, texts);
  if (kind === 4) return Array.from({ length: draw(4) }, () => drawValue(draw, depth - 1));
  return Object.fromEntries(keys.filter(() => draw(3) === 0).map((key) => [key, drawValue(draw, depth - 1)]));
}

/** Draws a format or pattern with a text for it. `drawSchema` and `drawValues` seldom combine these. */
export function drawFormat(draw: Draw): { schema: Json; values: JsonObject } {
  const schema = {
    $schema: drafts[2] ?? '',
    properties: { a: draw(2) === 0 ? { format: pick(draw, formats) } : { pattern: pick(draw, patterns) } },
  };
  return { schema, values: { a: pick(draw, texts) } };
}
