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

it('a variable that grows by a key with each action is followed for some keys only', () => {
  const { reads } = notesOf(`{{ $x := .Values }}${'{{ $x = $x.a }}{{ $x }}'.repeat(1_000)}`);
  expect(reads).toHaveLength(100);
});
