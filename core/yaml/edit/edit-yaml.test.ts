import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json, type JsonObject, setKey } from '../json.ts';
import { parseYamlMap, stringifyYaml } from '../yaml.ts';
import type { YamlSource } from '../yaml-source.ts';
import { rewriteYaml } from './edit-yaml.ts';

const source: YamlSource = { file: 'values.yaml', code: 'values.invalid' };
const parse = (text: string): JsonObject => parseYamlMap(text, source);

const example = `# The head of the file.

replicas: 2   # how many
"image":
  # which
  repository: nginx
  tag: '1.0'  # quoted


  pullSecrets: []  # none
resources: {}   # set in production
empty:
script: |
  # not a comment
  echo hi

  done

# before the list
list:
  - name: a # one
    value: 1
  # end of the list
last: yes
`;

describe('rewriteYaml', () => {
  it('returns the text itself when its value is the target', () => {
    expect(rewriteYaml(example, parse(example))).toBe(example);
  });

  it('changes one scalar and nothing else', () => {
    const target = parse(example);
    expect(rewriteYaml(example, { ...target, replicas: 3 })).toBe(
      example.replace('replicas: 2 ', 'replicas: 3 '),
    );
    expect(rewriteYaml(example, { ...target, last: 'yes' })).toBe(
      example.replace('last: yes', "last: 'yes'"),
    );
    expect(rewriteYaml(example, { ...target, empty: 1 })).toBe(example.replace('empty:', 'empty: 1'));
  });

  it('descends into maps, adds keys at their end and removes keys', () => {
    const target = {
      ...parse(example),
      image: { repository: 'nginx', tag: '1.1', digest: 'x' },
      resources: { limits: { cpu: 1 } },
      script: 'none',
      new: { a: [1] },
    };
    expect(rewriteYaml(example, target)).toBe(`# The head of the file.

replicas: 2   # how many
"image":
  # which
  repository: nginx
  tag: '1.1'  # quoted


  digest: x
resources:   # set in production
  limits:
    cpu: 1
empty:
script: none

# before the list
list:
  - name: a # one
    value: 1
  # end of the list
last: yes
new:
  a:
    - 1
`);
  });

  it('keeps comments when the last key goes, and needs no line end at the end', () => {
    expect(rewriteYaml('# c\na: 1\n', {})).toBe('# c\n');
    expect(rewriteYaml('a: 1', { a: 1, b: 2 })).toBe('a: 1\nb: 2\n');
    expect(rewriteYaml('# only comments', { b: 2 })).toBe('# only comments\nb: 2\n');
    expect(rewriteYaml('', { b: 2 })).toBe('b: 2\n');
  });

  it('keeps line ends and the byte-order mark', () => {
    expect(rewriteYaml('\uFEFFa: 1\r\nb: # c\r\n  d: 1\r\n', { a: 2, b: { d: 1, e: 'x' } })).toBe(
      '\uFEFFa: 2\r\nb: # c\r\n  d: 1\r\n  e: x\r\n',
    );
  });

  it('keeps what stands below a value that ends in blank lines', () => {
    const text = 'a: 1 # one\nb: 2\n';
    const result = rewriteYaml(text, { a: 'x\n\n', b: 2 });
    expect(result).toBe('a: |+ # one\n  x\n\nb: 2\n');
  });

  it('adds nothing behind a block that the text ends in, whose end the Helms read differently', () => {
    const text = '# ours\na: 1\nb:\n  c: |\n    x';
    const wanted = '# ours\na: 2\nd: 3\nb:\n  e: 4\n  c: |\n    x';
    expect(rewriteYaml(text, { a: 2, b: { c: 'x', e: 4 }, d: 3 })).toBe(wanted);
    expect(rewriteYaml(text, { a: 1, d: 3 })).toBe('# ours\na: 1\nd: 3\n');
    expect(parse(rewriteYaml(text, { a: 1, b: { c: 'y\n' }, d: 3 }))).toEqual({
      a: 1,
      b: { c: 'y\n' },
      d: 3,
    });
  });

  it('writes the whole anew where lines cannot be edited', () => {
    for (const text of [
      '{a: 1, b: 2}',
      'a: &x {c: 1}\nb: *x\n',
      'a: 1\n---\nb: 1\n',
      '? a\n: b\n',
      'x: &x {a: 1}\nb:\n  <<: *x\n',
      'a: [',
      'a: 1\na: 2\n',
      '- x\n',
    ]) {
      const target = { a: 5, b: { c: 2 } };
      expect(parse(rewriteYaml(text, target)), text).toEqual(target);
    }
  });
});

const scalar = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    'yes',
    '1_000',
    '0x1',
    ' a',
    '#',
    'a: b',
    'x\ny\n',
    '\n',
    '- a',
    '012',
    '2001-01-01',
    '1:30',
  ),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const key = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'd e', 'yes', '1', '__proto__', 'x:y'),
  fc.string({ maxLength: 4 }),
);
const { map } = fc.letrec<{ map: JsonObject; value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    tie('map'),
  ),
  map: fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((pairs) => {
    const result: JsonObject = {};
    for (const [name, value] of pairs) setKey(result, name, value);
    return result;
  }),
}));

describe('any text and any target', () => {
  it('gives a text whose value is the target', () => {
    fc.assert(
      fc.property(map, map, fc.boolean(), (before, target, block) => {
        const text = block ? stringifyYaml(before) : JSON.stringify(before);
        expect(parse(rewriteYaml(text, target))).toEqual(parse(stringifyYaml(target)));
        expect(JSON.stringify(sorted(parse(rewriteYaml(text, target))))).toBe(JSON.stringify(sorted(target)));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps every line but one, comments included, when one scalar changes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.integer(), { minKeys: 1 }),
        fc.nat(),
        (flat, pick) => {
          const names = Object.keys(flat);
          const chosen = names[pick % names.length] ?? '';
          const lines = names.flatMap((name) => [
            `# about ${name}`,
            `"${name}":  ${flat[name]}  # ${name}`,
            '',
          ]);
          const target = { outer: { ...structuredClone(flat), [chosen]: 'changed' } };
          const text = `outer:\n${lines.map((line) => `   ${line}\n`).join('')}`;
          const after = rewriteYaml(text, target).split('\n');
          const changed = text.split('\n').filter((line, index) => line !== after[index]);
          expect(changed).toHaveLength(1);
          expect(after).toHaveLength(text.split('\n').length);
        },
      ),
    );
  });

  // Editing in quadratic time would exceed the time limit of a test here.
  it('edits a line of thousands of items, and as many aliases', () => {
    const items = Array.from({ length: 10_000 }, (_, index) => index);
    const line = `list: [${items.map((index) => `{a: ${index}}`).join(', ')}] # all\n`;
    const list = items.map((a) => ({ a }));
    expect(rewriteYaml(line, { list, b: 1 })).toBe(`${line}b: 1\n`);
    expect(rewriteYaml(line, { list: list.slice(0, 2) })).toBe('list: [{a: 0}, {a: 1}] # all\n');
    const named = items.slice(0, 8000).map((index) => `a${index}: &x${index} 1\nb${index}: *x${index}\n`);
    expect(rewriteYaml(named.join(''), { a0: 2 })).toBe('a0: &x0 2\n');
  });
});

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value === 0 ? 0 : value;
  const result: JsonObject = {};
  for (const name of Object.keys(value).sort()) setKey(result, name, sorted(value[name] ?? null));
  return result;
}
