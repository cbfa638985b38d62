import { expect, it } from 'vitest';
import { warningHeader } from './warning-header.ts';

it('writes several warnings into one Warning header of ASCII text', () => {
  const { Warning = '' } = warningHeader([
    'comments.lost: say "€"',
    `schema.unchecked: ${'x'.repeat(10_000)}`,
  ]);
  expect(Warning).toMatch(/^299 - "comments\.lost: say \\"\?\\"", 299 - "schema\.unchecked: x+\?"$/);
  expect(Warning.length).toBeLessThan(1_000);
  expect(() => new Headers({ Warning })).not.toThrow();
});

it('writes no Warning header without a warning', () => {
  expect(warningHeader([])).toEqual({});
});
