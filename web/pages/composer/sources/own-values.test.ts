import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readOwnValues } from './own-values.ts';

it('own values are read from values.yaml, and from what templates get where that is too large', () => {
  const values = { replicas: 2, db: { port: 1 } };
  expect(readOwnValues('replicas: 1', parse, values)).toEqual({ replicas: 1 });
  expect(readOwnValues('', parse, values)).toEqual({});
  const refuse = () => {
    throw new Error('a large text is not parsed');
  };
  expect(readOwnValues(`a: ${'x'.repeat(1_000_000)}`, refuse, values)).toBe(values);
});
