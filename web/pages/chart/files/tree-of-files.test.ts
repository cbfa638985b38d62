import type { ChartFile } from '@helm-registry/client';
import { expect, it } from 'vitest';
import { type FileNode, makeFileTree } from './tree-of-files.ts';

const file = (path: string): ChartFile => ({ path, size: 1, kind: 'other', binary: false });
const show = (nodes: readonly FileNode[]): unknown[] =>
  nodes.map(({ name, path, file, children }) => (file ? path : [name, show(children)]));

it('files stand in their folders, folders first', () => {
  const files = [
    'values.yaml',
    'templates/b.yaml',
    'Chart.yaml',
    'templates/a.yaml',
    'charts/db/templates/x.yaml',
  ];
  expect(show(makeFileTree(files.map(file)))).toEqual([
    ['charts', [['db', [['templates', ['charts/db/templates/x.yaml']]]]]],
    ['templates', ['templates/a.yaml', 'templates/b.yaml']],
    'Chart.yaml',
    'values.yaml',
  ]);
  expect(makeFileTree([])).toEqual([]);
});
