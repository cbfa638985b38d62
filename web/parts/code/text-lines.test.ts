import { expect, it } from 'vitest';
import { cutLines, findLines, linesPerChunk, shortenLine, stepLine } from './text-lines.ts';

it('lines are cut at every kind of end, and counted through the chunks', () => {
  expect(cutLines('\uFEFFa\r\nb\rc\n').lines).toEqual(['a', 'b', 'c']);
  expect(cutLines('').lines).toEqual(['']);
  const { chunks, lines } = cutLines('x\n'.repeat(2 * linesPerChunk + 1));
  expect(lines).toHaveLength(2 * linesPerChunk + 1);
  expect(chunks.map(({ first, lines }) => [first, lines.length])).toEqual([
    [1, linesPerChunk],
    [linesPerChunk + 1, linesPerChunk],
    [2 * linesPerChunk + 1, 1],
  ]);
});

it('lines are found without regard to capitals, and stepped through in a circle', () => {
  const found = findLines(['Image: a', 'b', 'image: c'], ' IMAGE ');
  expect(found).toEqual([1, 3]);
  expect(findLines(['a'], ' ')).toEqual([]);
  expect([undefined, 1, 3].map((line) => stepLine(found, line, 1))).toEqual([1, 3, 1]);
  expect([undefined, 3, 1].map((line) => stepLine(found, line, -1))).toEqual([3, 1, 3]);
  expect(stepLine([], 1, 1)).toBeUndefined();
});

it('lines that are too long to draw say how long they are', () => {
  expect(shortenLine('a')).toBe('a');
  expect(shortenLine('a'.repeat(12_345))).toMatch(/^a{4000}… \(12,345 characters\)$/);
});
