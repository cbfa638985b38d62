import { expect, it } from 'vitest';
import { findAbsent } from './absent-entries.ts';

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
  expect(findAbsent(entries, inside)).toEqual(absent);
});
