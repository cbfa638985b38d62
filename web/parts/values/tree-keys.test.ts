import { expect, it } from 'vitest';
import { findKeyTarget } from './tree-keys.ts';
import { listRows } from './values-tree.ts';

const rows = listRows({ a: { b: 1, c: { d: 1 } }, e: 2 }, (pointer) => pointer === '/a');
const press = (key: string, pointer: string) => {
  const target = findKeyTarget(
    key,
    rows,
    rows.findIndex((row) => row.pointer === pointer),
  );
  return target && [target.row.pointer, target.toggle];
};

it.each([
  ['ArrowDown', '/a', ['/a/b', false]],
  ['ArrowUp', '/a/b', ['/a', false]],
  ['ArrowUp', '/a', undefined],
  ['ArrowRight', '/a', ['/a/b', false]],
  ['ArrowRight', '/a/c', ['/a/c', true]],
  ['ArrowRight', '/e', undefined],
  ['ArrowLeft', '/a/c', ['/a', false]],
  ['ArrowLeft', '/a', ['/a', true]],
  ['ArrowLeft', '/e', undefined],
  ['Home', '/e', ['/a', false]],
  ['End', '/a', ['/e', false]],
  ['PageDown', '/a', ['/e', false]],
  ['Enter', '/a/c', ['/a/c', true]],
  ['Enter', '/e', undefined],
  ['x', '/e', undefined],
])('%s at %s', (key, pointer, expected) => {
  expect(press(key, pointer)).toEqual(expected);
});
