import type { ChartFile } from '@helm-registry/client';
import { expect, it } from 'vitest';
import { findSchema } from './find-schema.ts';

const schema = (path: string): ChartFile => ({ path, size: 1, kind: 'schema', binary: false });
const files = [schema('values.schema.json'), schema('charts/mariadb/values.schema.json')];

it('a key of a chart inside has the schema of that chart, by name or alias', () => {
  const dependencies = [{ name: 'mariadb', alias: 'db' }];
  expect(findSchema('/image/tag', files, dependencies)).toEqual({
    path: 'values.schema.json',
    pointer: '/image/tag',
  });
  expect(findSchema('/mariadb/auth', files, [])).toEqual({
    path: 'charts/mariadb/values.schema.json',
    pointer: '/auth',
  });
  expect(findSchema('/db/auth/a~1b', files, dependencies)).toEqual({
    path: 'charts/mariadb/values.schema.json',
    pointer: '/auth/a~1b',
  });
  expect(findSchema('/db', files, dependencies)).toMatchObject({ path: 'values.schema.json' });
  expect(findSchema('/db', [], dependencies)).toBeUndefined();
});
