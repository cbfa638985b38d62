import { expect, it } from 'vitest';
import { partName } from './find-file.ts';

it.each([
  ['web-1.0.0', [['web', '1.0.0']]],
  ['foo-1x-1.0.0', [['foo-1x', '1.0.0']]],
  [
    'web-1.0.0-rc-1',
    [
      ['web', '1.0.0-rc-1'],
      ['web-1.0.0-rc', '1'],
    ],
  ],
  [
    'a-1.0.0-2.0.0',
    [
      ['a-1.0.0', '2.0.0'],
      ['a', '1.0.0-2.0.0'],
    ],
  ],
  [
    'a-1-2.0.0',
    [
      ['a-1', '2.0.0'],
      ['a', '1-2.0.0'],
    ],
  ],
  ['web-1.0.0+b-1.2', [['web', '1.0.0+b-1.2']]],
  ['web', []],
  ['-1.0.0', []],
])('%s may be %j', (name, expected) => {
  expect(partName(name).map(({ chart, version }) => [chart, version])).toEqual(expected);
});

it('a name of nothing but dashes and digits takes no time', () => {
  const begun = performance.now();
  partName('1-'.repeat(20_000));
  expect(performance.now() - begun).toBeLessThan(1_000);
});
