import { expect, it } from 'vitest';
import { countChanges, readDiff } from './read-diff.ts';

it('lines of a diff have the numbers of both sides, and its head is left out', () => {
  const diff = [
    'diff --git a/values.yaml b/values.yaml',
    '--- a/values.yaml',
    '+++ b/values.yaml',
    '@@ -3,3 +3,3 @@ head',
    ' a: 1',
    '-b: 2',
    '+b: 3',
    '+--- c',
    ' ',
    '@@ -10 +11 @@',
    '-x',
    '\\ No newline at end of file',
    '+x',
    '',
  ].join('\n');
  const lines = readDiff(diff);
  expect(lines.map(({ kind, from, to, text }) => [kind, from, to, text])).toEqual([
    ['hunk', undefined, undefined, '@@ -3,3 +3,3 @@ head'],
    ['same', 3, 3, 'a: 1'],
    ['removed', 4, undefined, 'b: 2'],
    ['added', undefined, 4, 'b: 3'],
    ['added', undefined, 5, '--- c'],
    ['same', 5, 6, ''],
    ['hunk', undefined, undefined, '@@ -10 +11 @@'],
    ['removed', 10, undefined, 'x'],
    ['note', undefined, undefined, 'No newline at end of file'],
    ['added', undefined, 11, 'x'],
  ]);
  expect(countChanges(lines)).toEqual({ added: 3, removed: 2 });
});
