import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { parseYamlMap, stringifyYaml } from '../yaml.ts';
import { writePlain } from './plain.ts';

const text = fc.oneof(
  fc.constantFrom(
    'a',
    'on',
    'y',
    '1.2.3',
    '1.0.0-rc.1+x',
    '0x1.2.3',
    '1e3',
    '1.2',
    '2001-01-01',
    'a b',
    'a: b',
    '- a',
    'null',
    '',
  ),
  fc.constantFrom(
    'a#b',
    'a #b',
    '1.2.3_4',
    '12:30:45',
    '.1.2.3',
    'Infinity',
    '1.2.3-',
    '0.0.0+0',
    'a/b.c_d-e',
    '~',
    '=',
    '<<',
  ),
  fc.string({ maxLength: 6 }),
  fc.stringMatching(/^[A-Za-z0-9_.+/ -]{1,12}$/),
);

const { map } = fc.letrec<{ value: unknown; map: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    text,
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    tie('map'),
    fc.array(text),
  ),
  map: fc.dictionary(text, tie('value'), { noNullPrototype: true, maxKeys: 4 }),
}));

/** Maps of JSON data. */
const data = map.map((value): JsonObject => JSON.parse(JSON.stringify(value)));

/** Maps of plain values alone. */
const plainMap = fc.dictionary(
  fc.constantFrom('a', 'image', 'replicaCount', 'x.y', 'a-b'),
  fc.oneof(
    fc.constantFrom<unknown>('shop', 'v1', '1.2.3', 'ClusterIP', 5, -3, true),
    fc.constant({ b: { c: 1 } }),
  ),
  { noNullPrototype: true, minKeys: 1 },
);

describe('writePlain', () => {
  it('writePlain renders as stringifyYaml does, or declines', () => {
    fc.assert(
      fc.property(data, (value) => {
        const plain = writePlain(value, 0, '\n');
        if (plain === undefined || plain === '') return;
        expect(plain).toBe(stringifyYaml(value));
        expect(parseYamlMap(plain, { file: 'x', code: 'values.invalid' })).toEqual(value);
      }),
      { numRuns: 5_000 },
    );
  });

  it('writePlain renders the values that most recipes have', () => {
    fc.assert(
      fc.property(plainMap, (value) => {
        const given: JsonObject = JSON.parse(JSON.stringify(value));
        expect(writePlain(given, 0, '\n')).toBe(stringifyYaml(given));
      }),
    );
    expect(writePlain({ a: { b: 1 } }, 2, '\r\n')).toBe('  a:\r\n    b: 1\r\n');
  });
});
