import { expect, it } from 'vitest';
import { readUpstreamIndex } from './read-index.ts';

const repeat = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

it('reads an item that many aliases name once, and ends with lists that have too many', () => {
  const item = `{version: 1.0.0, urls: [${repeat(20_000, (index) => `a-${index}.tgz,`)}]}`;
  const shared = `x: &item ${item}\ny: &list [${repeat(2_000, () => '*item,')}]\nentries:\n`;
  const few = readUpstreamIndex(`${shared}${repeat(400, (index) => `  chart-${index}: *list\n`)}`);
  expect('entries' in few ? few.entries.length : few.fault).toBe(400);
  const many = readUpstreamIndex(`${shared}${repeat(600, (index) => `  chart-${index}: *list\n`)}`);
  expect(many).toEqual({ fault: 'has more than 1000000 items' });
});

it('reads no list that aliases nest', () => {
  const nested = repeat(20, (level) => `l${level + 1}: &l${level + 1} [${`*l${level},`.repeat(10)}]\n`);
  const index = readUpstreamIndex(`l0: &l0 [a]\n${nested}entries:\n  web: *l20\n`);
  expect(index).toEqual({ entries: [] });
});
