import { expect, it } from 'vitest';
import { warningHeader } from './warning-header.ts';

it('is one header for several warnings, of text that headers may have', () => {
  const { Warning = '' } = warningHeader([
    'comments.lost: say "€"',
    `schema.unchecked: ${'x'.repeat(10_000)}`,
  ]);
  expect(Warning).toMatch(/^299 - "comments\.lost: say \\"\?\\"", 299 - "schema\.unchecked: x+\?"$/);
  expect(Warning.length).toBeLessThan(1_000);
  expect(() => new Headers({ Warning })).not.toThrow();
});

it('is left out where there is no warning', () => {
  expect(warningHeader([])).toEqual({});
});
