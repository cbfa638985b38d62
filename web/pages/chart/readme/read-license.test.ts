import { expect, it } from 'vitest';
import { readLicense } from './read-license.ts';

it('the licence is found in both customs', () => {
  expect(readLicense({ 'artifacthub.io/license': 'MIT', licenses: 'Apache-2.0' })).toBe('MIT');
  expect(readLicense({ licenses: 'Apache-2.0' })).toBe('Apache-2.0');
  expect(readLicense({ license: 'MIT' })).toBeUndefined();
});
