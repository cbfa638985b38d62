import { describe, expect, it } from 'vitest';
import { replaceManifest } from '../../chart/rewrite.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { editYaml } from './edit-yaml.ts';
import { attemptYaml } from './editable.ts';

/** Edits a text by setting keys of its value; `undefined` removes a key. */
function edit(text: string, changes: Record<string, Json | undefined>): string {
  const target: JsonObject = structuredClone(attemptYaml(text) ?? {});
  for (const [path, value] of Object.entries(changes)) {
    const parts = path.split('/');
    const last = parts.pop() ?? '';
    let map: JsonObject = target;
    for (const part of parts) {
      const next = map[part];
      if (isObject(next)) map = next;
    }
    if (value === undefined) delete map[last];
    else map[last] = structuredClone(value);
  }
  const { text: edited, lost } = editYaml(text, target);
  expect(lost).toBeUndefined();
  expect(attemptYaml(edited)).toEqual(target);
  return edited;
}

const merged = '# h\nx: &x # x\n  a: 1 # one\n  b: 2\nw:\n  # m\n  <<: *x # mm\n  c: 3 # c\n';

describe('comments stay when a text is edited', () => {
  it.each<[string, string, Record<string, Json | undefined>, string]>([
    ['with a merge key', merged, { 'w/c': 5, 'w/d': 4 }, merged.replace('c: 3 # c\n', 'c: 5 # c\n  d: 4\n')],
    ['over a merged key', merged, { 'w/a': 4 }, `${merged}  a: 4\n`],
    ['without a merged key', merged, { 'w/a': undefined }, merged.replace('<<: *x # mm', '# mm\n  b: 2')],
    ['of what is repeated', merged, { 'x/a': 9 }, `${merged.replace('a: 1', 'a: 9')}  a: 1\n`],
    [
      'without what is repeated',
      '# h\nx: &x 1 # x\nw: *x # w\nl: [*x] # l\n',
      { x: undefined },
      '# h\nw: 1 # w\nl: [1] # l\n',
    ],
    [
      'of two documents',
      '# one\na: 1 # a\n--- # sep\n# two\nb: 2 # b\n',
      { a: 5, c: 7 },
      '# one\na: 5 # a\nc: 7\n--- # sep\n# two\nb: 2 # b\n',
    ],
    [
      'with explicit keys',
      '# one\n? a # q\n: 1 # v\n? b\n: # vv\n  c: 1 # c\n',
      { a: 5, 'b/c': 6 },
      '# one\n? a # q\n: 5 # v\n? b\n: # vv\n  c: 6 # c\n',
    ],
    [
      'in braces',
      '# h\n{\n  a: 1, # one\n  # about b\n  b: {c: [1, 2]}, # two\n  e: 5 # e\n}\n# end\n',
      { a: 'x y', 'b/c': [1, 2, 3] },
      '# h\n{\n  a: "x y", # one\n  # about b\n  b: {c: [1, 2, 3]}, # two\n  e: 5 # e\n}\n# end\n',
    ],
    [
      'with lists of maps',
      'l:\n  # first\n  - name: a # na\n    v: 1 # va\n  # second\n  - name: b # nb\n',
      {
        l: [
          { name: 'a', v: 9 },
          { name: 'b', w: 1 },
        ],
      },
      'l:\n  # first\n  - name: a # na\n    v: 9 # va\n  # second\n  - name: b # nb\n    w: 1\n',
    ],
    ['without an item', 'l:\n- a # a\n# b\n- b\n- c # c\n', { l: ['a', 'c'] }, 'l:\n- a # a\n# b\n- c # c\n'],
    ['with CRLF', '# h\r\na: 1 # a\r\nb: 2\r\n', { a: 3, c: 1 }, '# h\r\na: 3 # a\r\nb: 2\r\nc: 1\r\n'],
    ['of an empty map', '# h\n{}\n# end\n', { a: { x: 1 } }, '# h\na:\n  x: 1\n# end\n'],
    ['of nothing but comments', '# h\n', { a: 1 }, '# h\na: 1\n'],
    ['before the end mark', 'a: 1 # a\n...\n', { b: 2 }, 'a: 1 # a\nb: 2\n...\n'],
    ['with a key twice', 'a: 1 # a\nb: 1\na: 2 # aa\n', { a: 3 }, 'a: 1 # a\nb: 1\na: 3 # aa\n'],
    ['with tags and tabs', 'a: !!str 1\t# a\n"q": 1 # q\n', { a: 3, q: 2 }, 'a: 3\t# a\n"q": 2 # q\n'],
    ['with a null value', 'a:    # c\nb: 1\n', { a: { x: 1 } }, 'a:    # c\n  x: 1\nb: 1\n'],
    ['with a byte order mark', '\uFEFF# c\na: 1 # x\n', { a: 2 }, '\uFEFF# c\na: 2 # x\n'],
    ['indented at the top', '  # c\n  a: 1 # x\n', { a: 2, b: 1 }, '  # c\n  a: 2 # x\n  b: 1\n'],
    ['with keys that are no text', '1: a # one\ntrue: b # t\n', { 1: 'x' }, '1: x # one\ntrue: b # t\n'],
    [
      'of a map that loses its last key',
      'a: # a\n  b: 1\nc: 1 # c\n',
      { 'a/b': undefined },
      'a: {} # a\nc: 1 # c\n',
    ],
    ['of a list that is written anew', 'a: &x # a\n  - 1\nc: 1\n', { a: 'w' }, 'a: w # a\nc: 1\n'],
    ['of a block that is written anew', 'a: |- # a\n  x\nc: 1\n', { a: [1] }, 'a: # a\n  - 1\nc: 1\n'],
    ['of a value that becomes a block', 'a: 1 # a\nc: 1\n', { a: 'x\ny' }, 'a: |- # a\n  x\n  y\nc: 1\n'],
    ['beside a key with a question mark', '? "a" # q\n: b # v\n', { a: [1] }, 'a: # q # v\n  - 1\n'],
    [
      'below a map that gets a block',
      'm:\n  a: 1\n    # deep\nb: 1\n',
      { 'm/w': 'x\ny' },
      'm:\n  a: 1\n    # deep\n  w: |-\n    x\n    y\nb: 1\n',
    ],
    [
      'below a key that goes, behind a block',
      'a: >+\n  x\nb:\n  c: 1\n  # deep\nd: 1\n',
      { b: undefined },
      'a: >+\n  x\n# deep\nd: 1\n',
    ],
    [
      'of two documents, of which the second loses a key',
      '# one\na: 1\n---\nb: # b\n  c: 1\n',
      { 'b/c': undefined },
      '# one\na: 1\n---\nb: {} # b\n',
    ],
    ['without an end of line', 'l:\n  - x', { l: ['x', 'w'] }, 'l:\n  - x\n  - w\n'],
  ])('keeps comments when it edits a text: %s', (_name, text, changes, result) => {
    expect(edit(text, changes)).toBe(result);
  });

  it('returns the reason for lost comments where the text cannot be read', () => {
    const { text, lost } = editYaml('# c\n- 1\n', { a: 1 });
    expect(text).toBe('a: 1\n');
    expect(lost).toContain('cannot be read as a map');
    expect(editYaml('- 1\n', { a: 1 }).lost).toBeUndefined();
  });

  it.each<[string, string, object, string]>([
    [
      'a list of lists that loses an item',
      'a: # kept\n  - - x # lost\n    - q\n  - - z\nb: 1 # b\n',
      { a: [['x'], ['z']] },
      'b: 1 # b',
    ],
    [
      'a list of lists inside an item',
      'a:\n  - k: 1 # kept\n    l:\n      # lost\n      - - - x\n        - q\n',
      { a: [{ k: 1, l: [['q']] }] },
      'k: 1 # kept',
    ],
    [
      'a list whose first item shares its line',
      'a:\n  - - # lost\n      - x\n      - q\n    - z\n',
      { a: [[['x'], 'z', 'w', ['v']], 'u'] },
      'a:',
    ],
  ])('returns the reason for comments that are lost with a part: %s', (_name, text, target, kept) => {
    const { text: edited, lost } = editYaml(text, { ...attemptYaml(text), ...target });
    expect(edited).toContain(kept);
    expect(lost === undefined).toBe(edited.includes('# lost'));
  });

  it('returns a reason where a list whose items share a line loses its comments', () => {
    const text = 'a: # kept\n  - - x # lost\n    - q\n  - - z\nb: 1 # b\n';
    const { text: edited, lost } = editYaml(text, { a: [], b: 1 });
    expect([edited, lost]).toEqual(['a: [] # kept\nb: 1 # b\n', undefined]);
    expect(editYaml(text, { a: [['x', 'q'], ['z']], b: 2 }).lost).toBeUndefined();
    const { text: anew, lost: reason } = editYaml(text, { a: [['q'], ['z']], b: 1 });
    expect(anew).not.toContain('# lost');
    expect(reason).toContain('could not be changed item by item');
    expect(editYaml(text.replace('# lost', ''), { a: [['q'], ['z']], b: 1 }).lost).toBeUndefined();
  });

  it.each<[string, string, boolean]>([
    ['a double-quoted text', '"x #1"', false],
    ['a single-quoted text', "'x #1'", false],
    ['a quoted text of two lines', '"x\n      #1"', false],
    ['a plain text', 'x#1', false],
    ['a block scalar', '|\n      # run\n      x #1', false],
    ['a block scalar that keeps its line ends', '|+\n      # run\n', false],
    ['a quoted key', '{"k #1": 1}', false],
    ['a quoted text, with a comment behind', '"x #1" # lost', true],
    ['the head of a block scalar', '| # lost\n      x', true],
    ['a key, with a comment behind its value', 'k: 1 # lost', true],
    ['a comment in brackets', '["#1", # lost\n      2]', true],
  ])('tells a comment from a # in texts of a part that is written anew: %s', (_name, item, isComment) => {
    const text = `a:\n  - - q\n    - ${item}\n  - - z\nb: 1\n`;
    const before = attemptYaml(text)?.a;
    const rest = Array.isArray(before) && Array.isArray(before[0]) ? before[0].slice(1) : [];
    const { text: edited, lost } = editYaml(text, { a: [rest, ['z']], b: 1 });
    expect(attemptYaml(edited)).toEqual({ a: [rest, ['z']], b: 1 });
    expect(edited).not.toContain('# lost');
    expect(lost !== undefined).toBe(isComment);
  });

  it('changes the first document of Chart.yaml only, because Helm reads no other', () => {
    const text = '# c\napiVersion: v2\nname: shop\nversion: 1.0.0 # v\n---\nversion: 2.0.0\n';
    const given = new Map([['Chart.yaml', Buffer.from(text)]]);
    const { files } = replaceManifest(given, { apiVersion: 'v2', name: 'shop', version: '2.0.0' });
    expect(String(files.get('Chart.yaml'))).toBe(text.replace('1.0.0 #', '2.0.0 #'));
  });
});
