import { expect, it } from 'vitest';
import { readTemplateNotes } from './read-template-notes.ts';

const notesOf = (template: string) =>
  readTemplateNotes(new Map([['templates/x.yaml', Buffer.from(template)]]));
const long = 'x'.repeat(1_000_000);

it('notes on templates leave out names that are too long', () => {
  const define = (name: string) => `{{ define ${name} }}a{{ end }}{{ include ${name} . }}`;
  const { defined, included } = notesOf(`${define(`"${long}"`)}${define(`\`${long}\``)}${define('"app.x"')}`);
  expect(defined.map(({ name }) => name)).toEqual(['app.x']);
  expect(included.map(({ name }) => name)).toEqual(['app.x']);
});

it('a double-quoted name may be as long as a file that is read', () => {
  const { defined } = notesOf(`{{ define "${'x'.repeat(4_000_000)}" }}a{{ end }}{{ define "b" }}b{{ end }}`);
  expect(defined.map(({ name }) => name)).toEqual(['b']);
});

it.each([
  ['keys', `{{ index .Values "${long}" }}`],
  ['defaults', `{{ .Values.a | default "${long}" }}`],
  ['literals of conditions', `{{ if eq .Values.a "${long}" }}{{ .Values.b }}{{ end }}`],
])('notes on templates leave out reads with %s that are too long', (_, template) => {
  const reads = notesOf(`${template}{{ .Values.c }}`).reads.map(({ path }) => path.join('.'));
  expect(reads.filter((path) => path !== 'a')).toEqual(['c']);
});

it.each([
  ['has more than 2,000 tokens', `{{ list ${'"a" '.repeat(2_001)}}}`],
  ['does not lex', '{{ .Values.a # }}'],
  ['has a brace too many', '{{ .Values.a } }}'],
  [
    'opens a block and has more than 2,000 tokens',
    `{{ if or ${'.x '.repeat(2_001)}}}{{ .Values.b }}{{ end }}`,
  ],
  ['opens a block and does not lex', '{{ with ? }}{{ end }}'],
])('templates are read behind an action that %s', (_, action) => {
  const { defined, included, reads } = notesOf(
    `{{ define "a" }}${action}{{ end }}{{ define "b" }}\n{{ .Values.c }}{{ end }}{{ include "b" . }}`,
  );
  expect(defined.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(included.map(({ name }) => name)).toEqual(['b']);
  expect(reads.at(-1)).toMatchObject({ path: ['c'], line: 2, within: 'b' });
});

it('definitions that differ in an action that is not read have different digests', () => {
  const define = (name: string, item: string) =>
    `{{ define "${name}" }}{{ list ${`"${item}" `.repeat(2_001)}}}{{ end }}`;
  const [one, two, three] = notesOf(define('a', 'x') + define('b', 'y') + define('c', 'x')).defined;
  expect(one?.digest).not.toBe(two?.digest);
  expect(one?.digest).toBe(three?.digest);
});

it.each([
  ['comments without an end', '{{/*}}'],
  ['texts without an end', '\\"{{ "\\'],
  ['actions that do not lex', '{{ ?'],
])('a file of %s is read to its last action in linear time', (_, fault) => {
  const { reads } = notesOf(`${fault.repeat(200_000)}}}\n{{ .Values.a }}`);
  expect(reads).toHaveLength(1);
});

it('an action without an end hides nothing before it', () => {
  expect(notesOf('{{ .Values.a }}{{ .Values.b').reads).toHaveLength(1);
});

it('a variable that grows by a key with each action is followed for some keys only', () => {
  const { reads } = notesOf(`{{ $x := .Values }}${'{{ $x = $x.a }}{{ $x }}'.repeat(1_000)}`);
  expect(reads).toHaveLength(100);
});

it('a chain of 60,000 branches keeps the guards of the last ones for its reads', () => {
  const chain = '{{ else if $x }}'.repeat(60_000);
  const { reads } = notesOf(
    `{{ $x := .Values.a }}{{ if .Values.b }}${chain}{{ else }}{{ .Values.c }}{{ end }}`,
  );
  const guards = reads.find(({ path }) => path[0] === 'c')?.guards;
  expect(guards).toEqual(Array.from({ length: 16 }, () => ({ path: ['a'], not: true })));
});

it.each<[string, string, boolean]>([
  ['the dot', '.', true],
  ['the root', '$', true],
  ['a map with the root', '(dict "name" .Values.x "context" $)', true],
  ['a map with the values', '(dict "Values" .Values "Chart" .Chart)', true],
  ['a list with the root', '(list 1 $)', true],
  ['a merged map', '(merge (dict "name" "x") .)', true],
  ['a map in a variable', '$map', true],
  ['the context inside a map that a definition gets', '.context', true],
  ['the context of a subchart', '.Subcharts.redis', false],
  ['a map with the context of a subchart', '(dict "context" .Subcharts.redis)', false],
  ['a map with the values of a context that it got', '(dict "Values" .context.Values)', true],
  ['a map with merged values', '(dict "Values" (mergeOverwrite (dict) .Values))', true],
  ['a part of the context with the values', '(pick . "Values" "Release")', true],
  ['a map whose value is a word', '(dict "field" "Values" "context" $)', true],
  ['the context without the values', '(omit . "Values")', false],
  ['the context with other values', '(set . "Values" .Values.cache)', false],
  ['a map with other values', '(dict "Values" .Values.cache "Chart" .Chart)', false],
  ['a map with other values of a context that it got', '(dict "Values" .context.Values.cache)', false],
  ['a value', '.Values.redis', false],
  ['a text', '"x"', false],
  ['the result of another template', '(include "b" $ | fromYaml)', false],
])('an include with %s is noted as one with or without the context', (_, argument, getsContext) => {
  const set = '{{ $map := dict "root" $ }}';
  const { included, defined } = notesOf(`{{ define "d" }}${set}{{ include "a" ${argument} }}{{ end }}`);
  const known = included.find(({ name }) => name === 'a');
  expect(known?.withoutContext).toBe(getsContext ? undefined : true);
  expect(defined[0]?.includes?.includes('a') ?? false).toBe(getsContext);
});

it('a name that is included with and without the context is noted as one with it', () => {
  const { included } = notesOf('{{ include "a" .Subcharts.redis }}\n{{ template "a" . }}');
  expect(included).toEqual([{ name: 'a', file: 'templates/x.yaml', line: 1 }]);
});

it('a definition goes on behind a block inside it, and includes that block', () => {
  const inner = '{{ block "in" . }}{{ .Values.b }}{{ include "z" . }}{{ end }}';
  const define = (text: string) =>
    notesOf(`{{ define "out" }}{{ include "x" . }}${inner}{{ .Values.c }}${text}{{ end }}{{ .Values.d }}`);
  const { defined, included, reads } = define('{{ include "y" . }}');
  expect(defined).toMatchObject([
    { name: 'in', includes: ['z'] },
    { name: 'out', includes: ['x', 'in', 'y'] },
  ]);
  expect(included.map(({ name }) => name)).toEqual(['x', 'in', 'z', 'y']);
  expect(reads.map(({ path, within }) => [path[0], within])).toEqual([
    ['b', 'in'],
    ['c', 'out'],
    ['d', undefined],
  ]);
  const [one, two] = [define('one').defined[1]?.digest, define('two').defined[1]?.digest];
  expect(one).not.toBe(two);
});
