import { expect, it } from 'vitest';
import { quoteForShell, writeSetArgument } from './set-argument.ts';

const values = { a: { 'b.c': 1 }, list: [{ x: 1 }], '': 1, o: { '': 1 } };

it.each([
  ['/a/b.c', 1, "--set 'a.b\\.c=1'"],
  ['/list/0/x', true, "--set 'list[0].x=true'"],
  ['/name', 'web', '--set name=web'],
  ['/name', '', '--set name='],
  ['/name', null, '--set name=null'],
  ['/name', 'a,b\\c', "--set 'name=a\\,b\\\\c'"],
  ['/name', '{x}', "--set 'name=\\{x}'"],
  ['/name', "it's $HOME", "--set 'name=it'\\''s $HOME'"],
  ['/name', 'true', '--set-string name=true'],
  ['/name', '0', '--set-string name=0'],
  ['/name', '-12', '--set-string name=-12'],
  ['/name', '007', '--set-string name=007'],
  ['/name', 1.5, '--set-json name=1.5'],
  ['/name', 1e21, '--set-json name=1e+21'],
  ['/name', ['a'], `--set-json 'name=["a"]'`],
  ['/name', {}, "--set-json 'name={}'"],
])('%s as %j is %s', (pointer, value, argument) => {
  expect(writeSetArgument(pointer, value, values)).toBe(argument);
});

it('keys that no argument can name have none', () => {
  expect(writeSetArgument('/', 1, values)).toBeUndefined();
  expect(writeSetArgument('/o/', 1, values)).toBeUndefined();
  expect(writeSetArgument('', 1, values)).toBeUndefined();
});

it('plain words are not quoted', () => {
  expect(quoteForShell('oci://host:1/a')).toBe('oci://host:1/a');
  expect(quoteForShell('')).toBe("''");
});
