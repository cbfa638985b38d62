import { expect, it } from 'vitest';
import { createRangeMatcher } from '../semver/range-matcher.ts';
import { findAbsentEntries } from './absent-entries.ts';

const one = { name: 'db', version: '^1', alias: 'one' };
const two = { name: 'db', version: '^2', alias: 'two' };

it.each([
  ['nothing is inside', [one, two], [], [one, two]],
  ['one of two versions is inside', [one, two], [{ name: 'db', version: '1.3.0' }], [two]],
  ['a chart out of the range is in its place', [two], [{ name: 'db', version: '1.3.0' }], []],
  ['a chart out of all ranges is in their place', [one, two], [{ name: 'db', version: '3.0.0' }], []],
  ['an entry without a version means any', [{ name: 'db' }], [{ name: 'db', version: '1.0.0-rc.1' }], []],
  [
    'an alias is no chart',
    [{ name: 'db', alias: 'x' }],
    [{ name: 'x', version: '1.0.0' }],
    [{ name: 'db', alias: 'x' }],
  ],
])('finds what is absent where %s', (_, entries, inside, absent) => {
  expect(findAbsentEntries(entries, inside, createRangeMatcher())).toEqual(absent);
});

const never = { name: 'a', version: `<0.0.1 ${'>9 '.repeat(160)}` };

it('parses each range and version once, however often they meet', () => {
  // To parse a range for each pair would take ten minutes.
  const inside = Array.from({ length: 3000 }, (_, at) => ({ name: 'a', version: `1.0.${at}` }));
  const any = { name: 'a', version: '>=1' };
  const entries = [...Array.from({ length: 1000 }, (_, at) => ({ ...never, alias: `a${at}` })), any];
  expect(findAbsentEntries(entries, inside, createRangeMatcher())).toEqual(entries.slice(0, -1));
});

it('gives up once its work is spent, and needs none for names that are not inside', () => {
  const work = 10_000;
  const inside = Array.from({ length: 30 }, (_, at) => ({ name: 'a', version: `1.0.${at}` }));
  const many = Array.from({ length: 400 }, (_, at) => ({ name: 'a', version: `${never.version}>${at}` }));
  const any = { name: 'a', version: '>=1' };
  expect(findAbsentEntries([...many, any], inside, createRangeMatcher(work))).toBeUndefined();
  expect(findAbsentEntries([any, ...many.slice(0, 1)], inside, createRangeMatcher(work))).toEqual(
    many.slice(0, 1),
  );
  const others = many.map((entry) => ({ ...entry, name: 'b' }));
  expect(findAbsentEntries(others, inside, createRangeMatcher(work))).toEqual(others);
});
