import { expect, it } from 'vitest';
import { indexOrigins, originOf, originPath, writeOrigin } from './origins.ts';

const origins = indexOrigins([
  { pointer: '/list', chart: '', file: 'values.yaml', line: 3 },
  { pointer: '/db/auth/name', chart: 'charts/db', file: 'values.yaml', line: 9 },
  { pointer: '/db/common/x', chart: 'charts/db/charts/common', file: 'charts/db/charts/common/values.yaml' },
]);

it('an item has the origin of its list, and a map with keys of its own has none', () => {
  expect(originOf(origins, '/list/0/name')?.line).toBe(3);
  expect(originOf(origins, '/db/auth/name')?.line).toBe(9);
  expect(originOf(origins, '/db/auth')).toBeUndefined();
  expect(originOf(origins, '/none')).toBeUndefined();
});

it('origins are written as chart, file and line, and lead to their file', () => {
  const all = [...origins.values()];
  expect(all.map(writeOrigin)).toEqual(['values.yaml:3', 'db:values.yaml:9', 'db/common:values.yaml']);
  expect(all.map(originPath)).toEqual([
    'values.yaml',
    'charts/db/values.yaml',
    'charts/db/charts/common/values.yaml',
  ]);
});
