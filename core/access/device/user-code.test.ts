import { expect, it } from 'vitest';
import { makeUserCode, readUserCode, writeUserCode } from './user-code.ts';

it('makes codes of eight letters without vowels, and reads them back', () => {
  const codes = Array.from({ length: 200 }, makeUserCode);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) {
    expect(writeUserCode(code)).toMatch(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/);
    expect(readUserCode(writeUserCode(code))).toBe(code);
  }
});

it.each([
  ['bcdf-ghjk', 'BCDFGHJK'],
  [' BCDF GHJK ', 'BCDFGHJK'],
  ['bcdfghjk', 'BCDFGHJK'],
  ['BCDF–GHJK', 'BCDFGHJK'],
  ['BCDF-GHJ', undefined],
  ['BCDF-GHJKL', undefined],
  ['ABCD-EFGH', undefined],
  ['BCDF-GHJ1', undefined],
  ['', undefined],
])('reads %j as %j', (typed, code) => {
  expect(readUserCode(typed)).toBe(code);
});
