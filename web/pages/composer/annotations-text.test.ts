import { expect, it } from 'vitest';
import { readAnnotations, writeAnnotations } from './annotations-text.ts';

it('annotations are read as they were written, long ones too', () => {
  const annotations = {
    'artifacthub.io/license': 'MIT',
    'artifacthub.io/changes': '- kind: added\n  a: b\n',
  };
  expect(readAnnotations(writeAnnotations(annotations))).toEqual({ value: annotations });
  expect(writeAnnotations(undefined)).toBe('');
  for (const text of ['', '# nothing yet\n']) expect(readAnnotations(text)).toEqual({ value: undefined });
  expect(writeAnnotations('team: [')).toBe('team: [');
});

it('values become texts, and what cannot be one is told with its place', () => {
  expect(readAnnotations('a: 1.10\nb: true\nc:')).toEqual({ value: { a: '1.10', b: 'true', c: '' } });
  expect(readAnnotations('a: {b: c}')).toEqual({ fault: expect.stringContaining('“a” needs a text') });
  expect(readAnnotations('a: b\nnot a map')).toEqual({ fault: expect.stringMatching(/^Line \d/) });
});
