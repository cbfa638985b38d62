import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultChartLimits } from '../../archive/limits.ts';
import { readChart } from '../../chart/read-chart.ts';
import { isObject, type Json, type JsonObject, setKey } from '../json.ts';
import { stringifyYaml } from '../yaml.ts';
import { editLocally, rewriteYaml } from './edit-yaml.ts';
import { attemptYaml, markLineEditable, readEditable } from './editable.ts';
import { renderShort } from './render.ts';

/** Edits a text by its lines; returns undefined where editLocally declines. */
function edit(text: string, target: JsonObject): string | undefined {
  const editable = readEditable(text);
  const changes = editable && editLocally(markLineEditable(editable, text), target, { comments: false });
  if (!changes) return undefined;
  let result = '';
  let from = 0;
  for (const change of changes) {
    result += text.slice(from, change.from) + change.text;
    from = change.to;
  }
  return result + text.slice(from);
}

const scalar = fc.constantFrom<Json[]>(
  1,
  true,
  null,
  'text',
  '',
  'two\nlines\n',
  'ends\n\n',
  ' lead',
  '# hash',
  [],
  ['a', 'b'],
  {},
  { k: 'v' },
  { k: { d: [1, { e: 'x\ny' }] } },
);

const noise = fc.constantFrom('', '', '', '# comment', '  # deep', '      # deeper', '    ', '#');

/** Generates the lines of a value behind its key, at the column of the key. */
function valueLines(column: string, depth: number): fc.Arbitrary<string[]> {
  const flat = fc.constantFrom<string[][]>(
    [' 1'],
    [' text # said'],
    [''],
    [' # nothing'],
    [" 'quoted'  "],
    [' "a\\nb"'],
    [' [1, 2]'],
    [' {}'],
    [' [] # none'],
    [' plain', `${column}  goes on`],
    [' "quoted', `${column}   on"`],
    [' |', `${column}  block`, '', `${column}    deep`],
    [' >-', `${column}  folded`, `${column}  text`, ''],
    [' |', ''],
    [' |+', `${column}  kept`, '', ''],
    [' |2', `${column}    indented`],
    ['', `${column}- a`, `${column}- b: 1`, `${column}  c: 2`],
    ['', `${column}  - a`, `${column}  # between`, `${column}  - b`],
    [' [1,', `${column}   2]`],
    [' &x 1'],
    [' !!str 1'],
  );
  if (depth === 0) return flat;
  const inner = fc
    .tuple(fc.constantFrom('', ' # about'), mapLines(`${column}  `, depth - 1))
    .map(([comment, lines]) => [comment, ...lines]);
  return fc.oneof(flat, inner, inner);
}

function mapLines(column: string, depth: number): fc.Arbitrary<string[]> {
  const key = fc.constantFrom('a', 'b', 'c', '"d e"', "'f'", '1', 'yes', 'g.h');
  const entry = fc.tuple(fc.array(noise, { maxLength: 2 }), key, valueLines(column, depth));
  return fc
    .uniqueArray(entry, { minLength: 1, maxLength: 4, selector: ([, name]) => name })
    .map((entries) =>
      entries.flatMap(([above, name, [first = '', ...rest]]) => [
        ...above,
        `${column}${name}:${first}`,
        ...rest,
      ]),
    );
}

const texts = fc
  .tuple(
    mapLines('', 2),
    fc.array(noise, { maxLength: 3 }),
    fc.constantFrom('\n', '\n', '\r\n'),
    fc.boolean(),
  )
  .map(([lines, below, newline, ends]) => [...lines, ...below].join(newline) + (ends ? newline : ''));

/** Changes of existing and new keys; other values stay the same objects. */
const edits = fc.array(
  fc.record({ path: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 }), value: fc.option(scalar) }),
  { minLength: 1, maxLength: 3 },
);

function change(map: JsonObject, [pick = 0, ...rest]: number[], value: Json | null): JsonObject {
  const keys = Object.keys(map);
  const key = keys[pick] ?? `new${pick}`;
  const changed = { ...map };
  const inner = changed[key];
  if (rest.length > 0 && isObject(inner)) setKey(changed, key, change(inner, rest, value));
  else if (value === null) delete changed[key];
  else setKey(changed, key, value);
  return changed;
}

describe('editing by lines alone', () => {
  it('shortForm renders words as stringifyYaml does', () => {
    const text = fc.oneof(
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9_./ -]{0,6}$/),
      fc.constantFrom(
        'y',
        'No',
        'on',
        'OFF',
        'null',
        'nan',
        'Inf',
        'e5',
        'x1F',
        'b11',
        'a - b',
        'a -',
        'shop',
        'A shop',
      ),
      fc.integer(),
      fc.constantFrom(-0, 1.5, 1e21),
      fc.boolean(),
    );
    fc.assert(
      fc.property(text, (value) => {
        expect(renderShort(value)).toBe(stringifyYaml(value).trimEnd());
      }),
      { numRuns: 2_000 },
    );
  });

  it('editLocally gives the text that rewriteYaml gives, or declines', () => {
    let done = 0;
    fc.assert(
      fc.property(texts, edits, (text, wanted) => {
        const value = attemptYaml(text);
        if (!value) return;
        const target = wanted.reduce((map, { path, value: next }) => change(map, path, next), value);
        const result = edit(text, target);
        if (result === undefined) return;
        done += 1;
        expect(attemptYaml(result)).toEqual(target);
        expect(result).toBe(rewriteYaml(text, target));
      }),
      { numRuns: 3_000 },
    );
    expect(done).toBeGreaterThan(200);
  });

  it.each([
    ['a block scalar that keeps its ends', 'a: |+\n  x\n\nb: 1\n'],
    ['an anchor', 'a: &x 1\nb: *x\n'],
    ['a key twice', 'a: 1\na: 2\nb: 1\n'],
    ['bytes that were no text', 'a: 1\nb: \uFFFD\n'],
    ['a byte order mark', '\uFEFFa: 1\nb: 2\n'],
    ['two documents', 'a: 1\n---\nb: 1\n'],
    ['a map in braces', '{a: 1, b: 1}\n'],
    ['a bare carriage return', 'a: 1\rb: 1\n'],
  ])('editLocally declines %s', (_what, text) => {
    expect(edit(text, { a: 5 })).toBeUndefined();
  });

  it('editLocally declines where a comment would become part of a new block scalar', () => {
    expect(edit('a: 1\n    # deep\nb: 1\n', { a: 'x\ny\n', b: 1 })).toBeUndefined();
    expect(edit('a: |\n  x\nb: 1\n    # deep\nc: 1\n', { a: 'x\n', c: 1 })).toBe('a: |\n  x\n# deep\nc: 1\n');
    expect(edit('a: 1\n# flat\nb: 1\n', { a: 'x\ny\n', b: 1 })).toBe('a: |\n  x\n  y\n# flat\nb: 1\n');
  });

  const folder = new URL('../../../../shared/charts/', import.meta.url);
  it.skipIf(!existsSync(folder))(
    'editLocally edits the values of public charts (skipped where ../shared/charts is absent)',
    async () => {
      for (const file of readdirSync(folder).filter((name) => name.endsWith('.tgz'))) {
        const chart = await readChart(
          Readable.from([readFileSync(new URL(file, folder))]),
          defaultChartLimits,
        );
        const text = chart.files.get('values.yaml')?.toString() ?? '';
        const target = { ...chart.values, global: { more: true }, added: ['x'] };
        expect(edit(text, target), file).toBe(rewriteYaml(text, target));
      }
    },
  );
});
