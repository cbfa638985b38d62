import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRegistryError } from '../errors.ts';
import type { Json } from './json.ts';
import { parseYamlDataAndStrings, parseYamlMap, stringifyYaml } from './yaml.ts';
import type { YamlSource } from './yaml-source.ts';

const source: YamlSource = { file: 'values.yaml', code: 'values.invalid' };
const read = (text: string): Json => parseYamlMap(`v: ${text}\n`, source).v ?? null;

function refusal(text: string): string {
  try {
    parseYamlMap(text, source);
  } catch (error) {
    if (isRegistryError(error, 'values.invalid')) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('reading as Helm reads', () => {
  it.each<[string, Json]>([
    ['y', true],
    ['N', false],
    ['On', true],
    ['off', false],
    ['yES', 'yES'],
    ['~', null],
    ['', null],
    ['Null', null],
    ['0x1F', 31],
    ['0X1f', 31],
    ['0b101', 5],
    ['-0b11', -3],
    ['0o17', 15],
    ['017', 15],
    ['089', 89],
    ['08.5', 8.5],
    ['1_000', 1000],
    ['+1', 1],
    ['1e3', 1000],
    ['.5', 0.5],
    ['1.', 1],
    ['1.e3', 1000],
    ['1e400', '1e400'],
    ['18446744073709551616', 18446744073709552000],
    ['0xffffffffffffffffff', '0xffffffffffffffffff'],
    ['1:30', '1:30'],
    ['2001-12-14', '2001-12-14'],
    ['"1"', '1'],
    ["'yes'", 'yes'],
    ['!!str 1', '1'],
    ['! 12', '12'],
    ['!!int "3"', 3],
    ['!!float 3', 3],
    ['!custom 12', '12'],
    ['!custom {a: 1}', { a: 1 }],
    ['!!binary aGVsbG8=', 'hello'],
  ])('reads the scalar %s as Helm does', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it('YAML as Helm reads it: reads keys as strings', () => {
    expect(parseYamlMap('{1: a, 0x10: b, 1.50: c, yes: d, n: e}', source)).toEqual({
      1: 'a',
      16: 'b',
      1.5: 'c',
      true: 'd',
      false: 'e',
    });
  });

  it('merges over the keys before a merge key, the first map of a list over the others', () => {
    const text =
      'x: &x {a: 1, b: 1}\ny: &y {a: 2, c: 2}\nbefore:\n  <<: *x\n  a: 9\nafter: {a: 9, <<: *x}\nboth: {<<: [*x, *y]}';
    expect(parseYamlMap(text, source)).toMatchObject({
      before: { a: 9, b: 1 },
      after: { a: 1, b: 1 },
      both: { a: 1, b: 1, c: 2 },
    });
  });

  it('takes the last of equal keys, merges documents, and reads nothing as an empty map', () => {
    expect(parseYamlMap('a: 1\na: 2', source)).toEqual({ a: 2 });
    expect(parseYamlMap('a: {b: 1, c: 1}\n---\n---\na: {b: 2}\n', source)).toEqual({ a: { b: 2, c: 1 } });
    for (const text of ['', '\n', '# c', '---\n', '\uFEFF', 'null'])
      expect(parseYamlMap(text, source)).toEqual({});
    expect(parseYamlMap('\uFEFFa: 1', source)).toEqual({ a: 1 });
  });

  it('takes brackets and quotes that go on at the indentation of their key', () => {
    expect(parseYamlMap('a: [\n  1\n]\nb: {\n"c": "x\ny"\n}\nd:\n- [1,\n2]\n', source)).toEqual({
      a: [1],
      b: { c: 'x y' },
      d: [[1, 2]],
    });
    expect(parseYamlMap("a: 'x'# c\nb: [it's, \"#\"]# c\n", source)).toEqual({ a: 'x', b: ["it's", '#'] });
    expect(parseYamlMap('k: |\n  a: [\n  1\n  ]\nb: [\n]\n', source)).toEqual({ k: 'a: [\n1\n]\n', b: [] });
  });

  it('takes tabs between a key, brackets and braces', () => {
    expect(parseYamlMap('a:\t[1,\t{b:\t"c\td"}]\ne:\n  f:\t&x\t{g: h\ti}\n', source)).toEqual({
      a: [1, { b: 'c\td' }],
      e: { f: { g: 'h\ti' } },
    });
  });

  it.each([
    ['a: |\n  x', 'x'],
    ['a: |\n  x\n  y ', 'x\ny '],
    ['a: |\n  x\n', 'x\n'],
    ['a: |\n  x\n ', 'x\n'],
    ['a: >\n  x\n  y', 'x y'],
    ['a: |+\n  x', 'x'],
    ['a: |+\n  x\n', 'x\n'],
    ['a: |-\n  x', 'x'],
  ])('ends a block scalar with a line end only if the text has one: %j', (text, value) => {
    expect(parseYamlMap(text, source)).toEqual({ a: value });
  });

  it('YAML as Helm reads it: keeps __proto__ an ordinary key', () => {
    const value = parseYamlMap('__proto__: {polluted: true}\na: {<<: {__proto__: 1}}', source);
    expect(Object.keys(value)).toEqual(['__proto__', 'a']);
    expect(Object.hasOwn({}, 'polluted')).toBe(false);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('reads numbers as the strings that Helm makes of them in fields of strings', () => {
    const text =
      'a: 1.10\nb: 1000000.0\nc: 9007199254740993\nd: yes\ne: 017\nf: 1.123456789\ng: 0.00001\nh: 1e3\ni: x\nj: ~';
    expect(parseYamlDataAndStrings(text, source).strings).toEqual({
      a: '1.1',
      b: '1e+06',
      c: '9007199254740993',
      d: 'true',
      e: '15',
      f: '1.1234568',
      g: '1e-05',
      h: '1000',
      i: 'x',
      j: null,
    });
  });
});

describe('refusing', () => {
  it.each([
    ['a list', '- a', 'values.yaml must be a map of keys and values, but is a list'],
    ['a scalar', 'text', 'values.yaml must be a map of keys and values, but is a string'],
    ['broken syntax', 'a:\n  b: [', 'line 2'],
    ['bad indentation', 'a: 1\n b: 2', 'line 2, column'],
    ['an unknown anchor', 'a: *b', 'there is no anchor "b" (line 1, column 4)'],
    ['an anchor in itself', 'a: &a [*a]', 'contains itself'],
    ['what JSON cannot say', 'a: .nan', '.nan cannot be expressed in JSON'],
    ['infinity', 'a: [1, -.Inf]', 'cannot be expressed in JSON'],
    ['a map as a key', '? {a: 1}\n: b', 'a key must be text'],
    ['null as a key', '~: b', 'a key must be text'],
    ['merging what is no map', 'a: {<<: 1}', 'merge key needs a map'],
    ['a false tag', 'a: !!int x', '"x" is no !!int'],
    ['bad base64', 'a: !!binary "*"', 'not base64'],
    ['deep nesting', `a: ${'['.repeat(300)}`, 'more than 200 levels deep'],
    ['a NUL byte', 'a: \0', 'U+0000 is not allowed'],
  ])('YAML with %s is refused', (_name, text, message) => {
    expect(refusal(text)).toContain(message);
  });

  it('refuses aliases that expand beyond measure, in size or in depth', () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level++) {
      bomb.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    expect(refusal(bomb.join('\n'))).toContain('nearly all of it are repetitions by aliases');
    const long = `a: &a ${'x'.repeat(1024 * 1024)}\nb: [${Array(64).fill('*a').join(', ')}]`;
    expect(refusal(long)).toContain('too much text once its aliases');
    const deep = ['a0: &a0 []'];
    for (let level = 1; level < 500; level++) deep.push(`a${level}: &a${level} [*a${level - 1}]`);
    expect(refusal(deep.join('\n'))).toContain('nested more than');
  });

  it('refuses more entries than may be read, and speaks of aliases only where there are some', () => {
    expect(refusal(`a: [${'1,'.repeat(160_000)}]`)).toMatch(/too many keys and values \(line/);
    expect(refusal(`a: [${'1,'.repeat(500_000)}]`)).toMatch(/too many keys and values \(line/);
  });
});

describe('writing', () => {
  it('quotes strings that a parser of YAML 1.1, 1.2 or Go could take for another type', () => {
    for (const text of [
      'yes',
      'N',
      'on',
      '1_000',
      '0X1F',
      '0b-1',
      '0o17',
      '017',
      '1:30',
      '2001-12-14',
      '~',
      '<<',
      '.5',
      '',
    ]) {
      expect(stringifyYaml({ v: text }), text).toMatch(/^v: ['"]/);
      expect(parseYamlMap(stringifyYaml({ [text]: 1 }), source)).toEqual({ [text]: 1 });
    }
  });

  it('writes no end of document, behind which keys would be ignored', () => {
    expect(stringifyYaml({ a: 'x\n\n' })).toBe('a: |+\n  x\n\n');
    expect(stringifyYaml({ a: '\n...\n\n', b: ['...', '...\n'] })).not.toMatch(/^\.\.\./m);
  });

  it('writing YAML does not fold lines, sort keys or alias what is used twice', () => {
    const shared = { x: 1 };
    const text = stringifyYaml({ b: shared, a: shared, long: 'word '.repeat(60).trim() });
    expect(text).toBe(`b:\n  x: 1\na:\n  x: 1\nlong: ${'word '.repeat(60).trim()}\n`);
  });

  it('writes any value so that it is read back the same', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', '')),
      fc.string({ unit: fc.constantFrom(...' \n\t\r#:-"\'[]{},&*!|>%@`10x_.e+y\u2028\u0085\uFEFF') }),
      fc.stringMatching(/^[-+]?[0-9_.xobeE:+-]{1,8}$/),
    );
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (sample) => {
        expect(parseYamlMap(stringifyYaml({ v: sample }), source)).toEqual({ v: sample });
      }),
      { numRuns: 500 },
    );
  });
});

describe('texts that are long in one way', () => {
  const documents = (count: number): string => '---\na: 1\n'.repeat(count);
  const directives = (count: number): string =>
    Array.from({ length: count }, (_, index) => `%TAG !h${index}! tag:x:\n`).join('');

  it('refuses more documents than a chart can need, whatever they hold', () => {
    expect(refusal(documents(1000))).toBe('accepted');
    expect(refusal(documents(1001))).toContain('more than 1000 documents (line 2001, column 1)');
    for (const line of ['---\n', '--- # c\r\n', '---\n#\n', '---\na: |\n  x\n'])
      expect(refusal(line.repeat(5000))).toContain('more than 1000 documents');
  });

  it('refuses more directives than a text can need', () => {
    const manifest = (count: number) =>
      parseYamlDataAndStrings(`${directives(count)}---\na: 1\n`, source).data;
    expect(manifest(1000)).toEqual({ a: 1 });
    expect(() => manifest(1001)).toThrow('more than 1000 directives');
  });

  it('reads long binary values and tags', () => {
    const given = Buffer.from('text'.repeat(1_000_000));
    expect(read(`!!binary ${given.toString('base64')}`)).toBe(given.toString());
    expect(refusal(`v: !!binary ${'A'.repeat(4_000_001)}`)).toContain('is not base64');
    expect(refusal('v: !!binary AA=A')).toContain('is not base64');
    expect(refusal('v: !!binary A===')).toContain('is not base64');
    expect(read(`!<x${'%41'.repeat(500_000)}> y`)).toBe('y');
    expect(read(`!<x${'%C3%A9'.repeat(100_000)}> y`)).toBe('y');
    expect(refusal('v: !<%8> y')).toContain('escape that is not UTF-8');
  });
});
