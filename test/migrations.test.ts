import { expect, it } from 'vitest';
import { readMigrations } from '../core/db/migration-files.ts';
import { findBreaking, findLongLocks, findUnrepeatable } from './support/migration-rules.ts';
import { released } from './support/released.ts';

const migration = (sql: string) => ({ name: '0099_x.sql', sql });

it('migrations since the last release leave its programs running, and lock no table for long', async () => {
  const all = await readMigrations();
  expect(all.some(({ name }) => name.startsWith(released.migration))).toBe(true);
  const added = all.filter(({ name }) => name.slice(0, 4) > released.migration);
  expect(
    added.flatMap((file) => [
      ...findBreaking(file, released.migration),
      ...findLongLocks(file),
      ...findUnrepeatable(file),
    ]),
  ).toEqual([]);
});

it.each([
  'DROP TABLE jobs;',
  'ALTER TABLE jobs DROP COLUMN state;',
  'ALTER TABLE jobs RENAME COLUMN state TO status;',
  'ALTER TABLE jobs ALTER COLUMN space TYPE varchar(9);',
  'ALTER TABLE jobs ALTER space SET NOT NULL;',
  'ALTER TABLE jobs\n  ADD COLUMN a text,\n  ADD COLUMN kind text NOT NULL;',
  'ALTER TABLE jobs ADD COLUMN kind text NOT NULL, ADD b text;',
  '-- needs: 0060 for a reason\nDROP TABLE jobs;',
])('a migration that stops programs of the last release is found: %s', (sql) => {
  expect(findBreaking(migration(sql), '0055')).toHaveLength(1);
});

it.each([
  'CREATE TABLE a (b text NOT NULL);\nALTER TABLE jobs ADD COLUMN kind text;',
  "ALTER TABLE jobs ADD COLUMN kind text NOT NULL DEFAULT 'x', ADD c integer;",
  '-- DROP TABLE jobs\nSELECT 1;',
  'CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE x; END $$;',
  '-- needs: 0055 because programs since then do not read it\nALTER TABLE jobs DROP COLUMN state;',
])('a migration that only adds is no finding: %s', (sql) => {
  expect(findBreaking(migration(sql), '0055')).toEqual([]);
});

it.each([
  ['CREATE INDEX a ON jobs (id);', 1],
  ['ALTER TABLE jobs ADD CONSTRAINT c CHECK (id IS NOT NULL);', 1],
  ['ALTER TABLE jobs ADD CONSTRAINT c CHECK (id IS NOT NULL) NOT VALID;', 0],
  ['CREATE TABLE a (b text);\nCREATE INDEX c ON a (b);', 0],
  ['-- without a transaction\nCREATE INDEX CONCURRENTLY a ON jobs (id);', 0],
  ['-- locks: holds one row\nCREATE INDEX a ON holds (id);', 0],
])('a migration that locks a table for long is found: %s', (sql, found) => {
  expect(findLongLocks(migration(sql))).toHaveLength(found);
});

it('a migration outside a transaction makes and drops indexes alone', () => {
  const sql = '-- without a transaction\nCREATE INDEX CONCURRENTLY a ON jobs (id);\nDELETE FROM jobs;\n';
  expect(findUnrepeatable(migration(sql))).toHaveLength(1);
});
