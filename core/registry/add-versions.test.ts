import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { contentOf } from '../blobs/content.ts';
import { addVersions } from './add-versions.ts';

let database: TestDatabase;
let spaces: Map<string, number>;
beforeAll(async () => {
  database = await createTestDatabase();
  const rows = await database.db.query<{ name: string; id: number }>(
    `INSERT INTO spaces (name) VALUES ('a'), ('b') RETURNING name, id`,
  );
  spaces = new Map(rows.map(({ name, id }) => [name, id]));
});
afterAll(async () => {
  const [row] = await database.db.query<{ deadlocks: number }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  await database.drop();
  expect(row?.deadlocks).toBe(0);
});

/** Makes a new version of `space/chart`, whose summary needs quoting in an array. */
const newVersion = (name: string, version: string) => {
  const [space = '', chart = ''] = name.split('/');
  const metadata = { name: chart, version, description: 'a "quoted", {braced} \\ text' };
  return {
    spaceId: spaces.get(space) ?? Number.NaN,
    ref: { space, chart, version },
    content: contentOf(Buffer.from(`${name} ${version}`)),
    summary: { name: chart, version, metadata, helmMetadata: metadata, values: { none: null } },
  };
};
const add = (items: ReturnType<typeof newVersion>[]) =>
  database.db.transaction((tx) => addVersions(tx, items));
const readSpaces = () =>
  database.db.query(
    `SELECT name, revision, chart_count AS charts, version_count AS versions,
            ARRAY(SELECT revision::int FROM changes WHERE space_id = s.id ORDER BY revision) AS changes
       FROM spaces s ORDER BY name`,
  );

it('adds a set to several spaces, tells which versions exist, and gives each added one a revision', async () => {
  const first = await add([newVersion('a/web', '1.0.0')]);
  expect(first).toEqual([{ kind: 'added', id: expect.any(Number) }]);
  const names = [
    ['b/web', '1.0.0'],
    ['a/web', '1.0.0'],
    ['a/api', '1.0.0'],
    ['a/web', '1.1.0'],
    ['a/api', '1.1.0'],
  ] as const;
  const outcomes = await add(names.map(([name, version]) => newVersion(name, version)));
  expect(outcomes.map(({ kind }) => kind)).toEqual(['added', 'exists', 'added', 'added', 'added']);
  expect(await readSpaces()).toEqual([
    { name: 'a', revision: 4, charts: 2, versions: 4, changes: [1, 2, 3, 4] },
    { name: 'b', revision: 1, charts: 1, versions: 1, changes: [1] },
  ]);
  const [stored] = await database.db.query<{ metadata: object; values: object }>(
    `SELECT metadata, values FROM versions WHERE id = $1`,
    [outcomes[0]?.kind === 'added' ? outcomes[0].id : 0],
  );
  expect(stored?.metadata).toMatchObject({ description: 'a "quoted", {braced} \\ text' });
  expect(stored?.values).toEqual({ none: null });
});

it('adds sets over the same charts at once, in whatever order their items come', async () => {
  const charts = ['a/x', 'b/y', 'a/z', 'b/x'];
  await Promise.all(
    Array.from({ length: 20 }, (_, set) => {
      const items = charts.map((name) => newVersion(name, `2.0.${set}`));
      return add(set % 2 === 0 ? items : items.toReversed());
    }),
  );
  const [a, b] = await readSpaces();
  expect(a).toMatchObject({ charts: 4, versions: 44, revision: 44 });
  expect(b).toMatchObject({ charts: 3, versions: 41, revision: 41 });
  expect(await database.db.query('SELECT version_count AS count FROM charts WHERE name = $1', ['z'])).toEqual(
    [{ count: 20 }],
  );
});
