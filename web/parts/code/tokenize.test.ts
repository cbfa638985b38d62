import { describe, expect, it } from 'vitest';
import { findComments, tokenizeLine } from './tokenize.ts';
import { type Language, languageOfPath } from './tokens.ts';

const kinds = (line: string, language: Language) =>
  tokenizeLine(line, language).flatMap(({ text, kind }) => (kind ? [[text, kind]] : []));

describe('colours of code', () => {
  it('YAML has keys, values and comments', () => {
    expect(kinds('  image: "nginx:1"  # the # one', 'yaml')).toEqual([
      ['image', 'key'],
      [':', 'mark'],
      ['"nginx:1"', 'string'],
      ['# the # one', 'comment'],
    ]);
    expect(kinds('- port: 80', 'yaml')).toContainEqual(['80', 'number']);
    expect(kinds('on: true', 'yaml')).toEqual([
      ['on', 'key'],
      [':', 'mark'],
      ['true', 'literal'],
    ]);
    expect(kinds('version: 1.2.3', 'yaml')).toContainEqual(['1.2.3', 'string']);
  });

  it('templates have actions and comments between YAML', () => {
    expect(kinds('name: {{ .Values.name | quote }} # x', 'template')).toEqual([
      ['name', 'key'],
      [':', 'mark'],
      ['{{ .Values.name | quote }}', 'template'],
      ['# x', 'comment'],
    ]);
    expect(kinds('{{- /* why */ -}}', 'template')).toEqual([['{{- /* why */ -}}', 'comment']]);
  });

  it('comments of templates go over lines', () => {
    const lines = ['{{- /*', 'a: b', 'end */}} c: 1', 'd: {{/* e */}}', 'f', '{{/* g */}} {{/*', 'h'];
    expect([...findComments(lines)]).toEqual([1, 2, 6]);
    expect(tokenizeLine('a: b', 'template', true)).toEqual([{ text: 'a: b', kind: 'comment' }]);
    expect(tokenizeLine('end */}} c: 1', 'template', true).slice(0, 3)).toEqual([
      { text: 'end */}}', kind: 'comment' },
      { text: ' ' },
      { text: 'c', kind: 'key' },
    ]);
  });

  it('JSON and shell have theirs', () => {
    expect(kinds('"a": [1, "b", null]', 'json').map(([, kind]) => kind)).toEqual([
      'key',
      'mark',
      'mark',
      'number',
      'mark',
      'string',
      'mark',
      'literal',
      'mark',
    ]);
    expect(kinds('helm install --set a=$B # now', 'shell').map(([, kind]) => kind)).toEqual([
      'key',
      'variable',
      'comment',
    ]);
  });

  it.each(['yaml', 'template', 'json', 'shell', 'text'] as const)(
    '%s keeps every character of a line',
    (language) => {
      const lines = [
        '',
        '   ',
        `a: {b: [1, 'x''y', "z\\"`,
        '\t<b>&amp;</b> {{ {{',
        '"',
        "'",
        'é🙂: ‮x',
        '#'.repeat(50),
        'a'.repeat(5_000),
      ];
      for (const line of lines) {
        expect(
          tokenizeLine(line, language)
            .map(({ text }) => text)
            .join(''),
        ).toBe(line);
      }
    },
  );

  it('files have a language by their name', () => {
    expect(
      [
        'values.yaml',
        'templates/a.yaml',
        'charts/db/templates/_helpers.tpl',
        'values.schema.json',
        'x.bin',
      ].map(languageOfPath),
    ).toEqual(['yaml', 'template', 'template', 'json', 'text']);
  });
});
