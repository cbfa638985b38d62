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
