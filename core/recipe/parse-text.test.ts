import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRegistryError, type RegistryError } from '../errors.ts';
import { findJsonFault } from './json-fault.ts';
import { parseJsonText } from './parse-text.ts';

function faultOf(text: string): RegistryError {
  try {
    parseJsonText(text);
  } catch (error) {
    if (isRegistryError(error)) return error;
    throw error;
  }
  throw new Error('the text was taken');
}

describe('parseJsonText', () => {
  it('parseJsonText reads JSON, also after a byte-order mark', () => {
    expect(parseJsonText('\uFEFF{"a": [1, "]{{"]}')).toEqual({ a: [1, ']{{'] });
  });

  it.each([
    ['{"a":1,"b":2,"a":3}', '/a', 1, 14],
    ['{"configs":{"db":{},\n "db":{}}}', '/configs/db', 2, 2],
    ['[{"x":[]},{"y":{"k":[1,{"z~/":1,"z~/":2}]}}]', '/1/y/k/1/z~0~1', 1, 33],
    ['{"\\u0061":1,"a":2}', '/a', 1, 13],
    ['{"__proto__":1,"__proto__":1}', '/__proto__', 1, 16],
    ['{"":1,"":2}', '/', 1, 7],
  ])('parseJsonText refuses a duplicate key: %s', (text, pointer, line, column) => {
    const { code, details } = faultOf(text);
    expect({ code, details }).toEqual({ code: 'request.duplicateKey', details: { pointer, line, column } });
  });

  it('parseJsonText accepts any JSON of unique keys, and finds any key that is duplicated in it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (object, pick) => {
        const text = JSON.stringify(object);
        expect(parseJsonText(text)).toEqual(JSON.parse(text));
        const keys = Object.keys(JSON.parse(text));
        const again = JSON.stringify(keys[pick % keys.length]);
        expect(faultOf(`${text.slice(0, -1)},${again}:null}`).code).toBe('request.duplicateKey');
      }),
    );
  });

  it.each([1_000, 100_000])('parseJsonText refuses %i levels of nesting', (depth) => {
    expect(faultOf('['.repeat(depth) + ']'.repeat(depth)).code).toBe('request.tooDeep');
    expect(faultOf(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`).code).toBe('request.tooDeep');
    expect(faultOf('['.repeat(depth)).code).toBe('request.tooDeep');
  });

  it('brackets in strings do not count as nesting', () => {
    const text = JSON.stringify({ a: '['.repeat(1_000), b: '\\"{'.repeat(1_000) });
    expect(parseJsonText(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['', 'is empty'],
    ['  \n', 'is empty'],
    ['{"a": 1,\n "b" 2}', 'line 2, column 6 should be ":", not "2"'],
    ['{"a": 1,}', 'line 1, column 9 should be a key in double quotes, not "}"'],
    ["{'a': 1}", 'line 1, column 2 should be a key in double quotes or "}", not "\'"'],
    ['{"a": [1 2]}', 'line 1, column 10 should be "," or "]", not "2"'],
    ['{"a": tru}', 'line 1, column 7 should be a value, not "t"'],
    ['{"a": 01}', 'line 1, column 7 should be a value, not "0"'],
    ['{"a": "x\ny"}', 'line 1, column 9 should be the rest of a string'],
    ['{"a": "\\q"}', 'line 1, column 8 should be an escape that JSON knows'],
    ['{"a": "x', 'line 1, column 9 should be the rest of a string and its closing quote, not its end'],
    ['{} {}', 'line 1, column 4 should be the end, not "{"'],
    ['save: x', 'line 1, column 1 should be a value, not "s"'],
  ])('the error for %j names the place where it is not JSON', (text, message) => {
    const error = faultOf(text);
    expect(error.code).toBe('request.notJson');
    expect(error.message).toContain(message);
  });

  it('findJsonFault finds no fault in JSON, and one in every broken text', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 5 }),
        fc.nat(),
        fc.constantFrom('', '}', ']', ',', ':', '"', '\\', 'x', '\n'),
        (text, at, noise) => {
          expect(findJsonFault(text)).toEqual({ offset: text.length, expected: 'the end' });
          const cut = at % (text.length + 1);
          const broken = text.slice(0, cut) + noise + text.slice(cut + 1);
          const { offset, expected } = findJsonFault(broken);
          const sound = expected === 'the end' && offset === broken.length;
          expect(sound).toBe(isJson(broken));
          expect(offset).toBeLessThanOrEqual(broken.length);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
