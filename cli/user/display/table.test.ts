import { expect, it } from 'vitest';
import { renderTable } from './table.ts';

it('a table has columns as wide as their widest cell, and no blanks at the ends of lines', () => {
  expect(
    renderTable(
      ['NAME', 'X'],
      [
        ['a', ''],
        ['longer', '2'],
      ],
    ),
  ).toEqual(['NAME    X', 'a', 'longer  2']);
});

it('a last cell is cut to the width of the terminal, but not below what can be read', () => {
  const rows = [['web', 'a description that goes on and on']];
  expect(renderTable(['NAME', 'TEXT'], rows, { width: 30 })[1]).toBe('web   a description that goes…');
  expect(renderTable(['NAME', 'TEXT'], rows, { width: 3 })[1]).toBe('web   a description that…');
});
