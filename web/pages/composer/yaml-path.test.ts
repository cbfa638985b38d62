import { expect, it } from 'vitest';
import { pathOfLine } from './yaml-path.ts';

const maps = ['auth:', '  # comment', '  "quoted key":', '    x: 1', '    ', 'top: 1', '  odd'];
const lists = ['hosts:', '- name: a', '  tls:', '    on: true', '  ', '- ', 'more:', '  - - x: 1', '      '];

it.each([
  [maps, 4, 4, ['auth', 'quoted key']],
  [maps, 4, 2, ['auth']],
  [maps, 5, 0, []],
  [maps, 6, 2, ['top']],
  [lists, 1, 2, ['hosts', '0']],
  [lists, 3, 4, ['hosts', '0', 'tls']],
  [lists, 4, 2, ['hosts', '0']],
  [lists, 5, 2, ['hosts', '0']],
  [lists, 8, 6, ['more', '0', '0']],
])('the path of a place in %j, line %i, column %i is %j', (lines, index, indent, path) => {
  expect(pathOfLine(lines, index, indent)).toEqual(path);
});
