import { expect, it } from 'vitest';
import { spaceOfAddress } from './space-of-address.ts';

const here = { origin: 'https://charts.example.org', host: 'charts.example.org' };

it.each([
  ['https://charts.example.org/team-a', 'team-a'],
  ['https://charts.example.org/team-a/', 'team-a'],
  ['oci://charts.example.org/team-a/deep', 'team-a'],
  ['https://charts.example.org/', undefined],
  ['https://charts.example.org.evil.example/team-a', undefined],
  ['https://elsewhere.example.org/team-a', undefined],
  ['file://../web', undefined],
  [undefined, undefined],
])('the repository %s of a dependency is the space %s of this registry', (address, space) => {
  expect(spaceOfAddress(address, here)).toBe(space);
});
