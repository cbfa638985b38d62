import { expect, it } from 'vitest';
import { findKeyLines } from './key-lines.ts';

/** Finds the lines of pointers in a text. */
function linesOf(text: string, ...pointers: string[]): (number | undefined)[] {
  const { lineOf } = findKeyLines(text);
  return pointers.map(lineOf);
}

it('findKeyLines finds keys in block and flow maps, whatever ends a line', () => {
  expect(linesOf('a: 1\r\nb:\r\n  c: {d: 1,\r\n    e: 2}\r\n', '/a', '/b', '/b/c/d', '/b/c/e')).toEqual([
    1, 2, 3, 4,
  ]);
  expect(linesOf('# x\n\n"a/b": 1\n1: x\noff: y\n', '/a~1b', '/1', '/false')).toEqual([3, 4, 5]);
});

it('findKeyLines finds the last of equal keys, and none inside lists', () => {
  expect(linesOf('a: {x: 1}\nb: 1\na: {z: 2}\n', '/a', '/a/z', '/a/x')).toEqual([3, 3, 3]);
  expect(linesOf('a:\n  - b: 1\n', '/a', '/a/0/b', '/c')).toEqual([1, 1, undefined]);
});

it('findKeyLines finds a merge key for what it sets, and keys that it leaves or that follow it', () => {
  const text = 'base: &b {x: 1, deep: {z: 1}}\nm:\n  own: 1\n  x: 0\n  deep: {z: 0}\n  <<: *b\n  after: 1\n';
  expect(linesOf(text, '/m/own', '/m/x', '/m/deep/z', '/m/after')).toEqual([3, 6, 6, 7]);
  expect(linesOf('<<: {a: 1}\nb: 1\n', '/a', '/b')).toEqual([1, 2]);
});

it('findKeyLines finds the last document that has a key', () => {
  const text = 'a: {x: 1, z: 1}\n---\na: {x: 2}\n---\nb: 1\n';
  expect(linesOf(text, '/a/x', '/a/z', '/b')).toEqual([3, 1, 5]);
});

it('findKeyLines answers for an empty text', () => {
  expect(linesOf('', '/a')).toEqual([undefined]);
});
