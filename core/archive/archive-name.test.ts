import { expect, it } from 'vitest';
import { archivePath, splitArchiveName } from './archive-name.ts';

it.each([
  ['web-1.0.0', [['web', '1.0.0']]],
  ['foo-1x-1.0.0', [['foo-1x', '1.0.0']]],
  ['web-1.0.0-rc-1', [['web', '1.0.0-rc-1']]],
  [
    'a-1.0.0-2.0.0',
    [
      ['a-1.0.0', '2.0.0'],
      ['a', '1.0.0-2.0.0'],
    ],
  ],
  ['a-1-2.0.0', [['a-1', '2.0.0']]],
  [
    'a-1-2',
    [
      ['a-1', '2'],
      ['a', '1-2'],
    ],
  ],
  ['web-1.0.0+b-1.2', [['web', '1.0.0+b-1.2']]],
  ['web', []],
  ['-1.0.0', []],
])('splits the archive name %s into %j', (name, expected) => {
  expect(splitArchiveName(name).map(({ chart, version }) => [chart, version])).toEqual(expected);
});

it('splits a name of 40,000 dashes and digits within a second of processor time', () => {
  const before = process.cpuUsage();
  splitArchiveName('1-'.repeat(20_000));
  expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
});

it.each([
  ['web', '1.0.0', 'charts/web-1.0.0.tgz'],
  ['web', '1.0.0-1', 'charts/web-1.0.0-1.tgz'],
  ['web-1.0.0', '1', 'charts/web-1.0.0/1/web-1.0.0-1.tgz'],
  ['mongo', '89.1.0-1.0.0', 'charts/mongo/89.1.0-1.0.0/mongo-89.1.0-1.0.0.tgz'],
  ['mongo-89.1.0', '1.0.0', 'charts/mongo-89.1.0/1.0.0/mongo-89.1.0-1.0.0.tgz'],
])('puts the archive of %s %s at %s', (chart, version, path) => {
  expect(archivePath(chart, version)).toBe(path);
});
