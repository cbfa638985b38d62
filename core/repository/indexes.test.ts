import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { fullReadScope } from '../access/decide.ts';
import type { Database } from '../db/port.ts';
import { piecesOf } from '../read-cache/body.ts';
import { createSpaceStates } from '../read-cache/space-state.ts';
import { bumpRevision } from '../registry/revision.ts';
import { createIndexes, type Indexes } from './indexes.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const json = { format: 'json', encoding: 'identity' } as const;
/** First words of the statements that were sent. */
let sent: string[] = [];
let db: Database;
let indexes: Indexes;
const createCounted = (limit = 1_000_000) => {
  sent = [];
  db = {
    ...database.db,
    query: (sql, params) => {
      sent.push(sql.trim().slice(0, 11));
      return database.db.query(sql, params);
    },
    transaction: (fn) => {
      sent.push('BEGIN');
      return database.db.transaction(fn);
    },
  };
  indexes = createIndexes({ db, suggestible: fullReadScope }, createSpaceStates(db), limit);
};
beforeEach(async () => {
  await database.db.query('TRUNCATE spaces CASCADE');
  createCounted();
});

const makeSpace = async (name = 'lib') => {
  const [made] = await database.db.query<{ id: number }>(
    'INSERT INTO spaces (name) VALUES ($1) RETURNING id',
    [name],
  );
  if (!made) throw new Error('no space');
  return made.id;
};
const write = (spaceId: number, chart: string, version: string, entry = `{"v":"${version}"}`) =>
  database.db.transaction(async (tx) => {
    const [row] = await tx.query<{ id: number }>(
      `INSERT INTO charts (space_id, name) VALUES ($1, $2)
       ON CONFLICT (space_id, name) DO UPDATE SET version_count = 1 RETURNING id`,
      [spaceId, chart],
    );
    await tx.query(
      `INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, values, entry)
       VALUES ($1, $2, $2, 'sha256:' || repeat('0', 64), 1, '{}', '{}', $3)
       ON CONFLICT (chart_id, version) DO UPDATE SET entry = $3`,
      [row?.id, version, entry],
    );
    await bumpRevision(tx, spaceId, { space: 'lib', chart, version }, {});
  });
const remove = (spaceId: number, chart: string, version?: string) =>
  database.db.transaction(async (tx) => {
    if (version === undefined) await tx.query('DELETE FROM charts WHERE name = $1', [chart]);
    else await tx.query('DELETE FROM versions WHERE version = $1', [version]);
    const of = { space: 'lib', chart, ...(version === undefined ? {} : { version }) };
    await bumpRevision(tx, spaceId, of, {});
  });
const read = async () => {
  const { body } = await indexes.read('lib', json);
  return JSON.parse(Buffer.concat(piecesOf(body)).toString()).entries;
};

describe('indexes', () => {
  it('an index is read from the database once, and then only its changes', async () => {
    const id = await makeSpace();
    expect(await read()).toEqual({});
    await write(id, 'web', '1');
    expect(await read()).toEqual({ web: [{ v: '1' }] });
    sent = [];
    expect(await read()).toEqual({ web: [{ v: '1' }] });
    expect(sent).toEqual(['SELECT name']);
    await write(id, 'web', '2');
    await write(id, 'db', '1');
    await write(id, 'web', '1', '{"v":"other"}');
    sent = [];
    expect(await read()).toEqual({ db: [{ v: '1' }], web: [{ v: '2' }, { v: 'other' }] });
    expect(sent).toEqual(['SELECT name', 'WITH noted ']);
    await remove(id, 'web', '2');
    await remove(id, 'db');
    expect(await read()).toEqual({ web: [{ v: 'other' }] });
    await remove(id, 'web');
    await write(id, 'web', '3');
    expect(await read()).toEqual({ web: [{ v: '3' }] });
  });

  it('an index is read anew when recorded changes are missing', async () => {
    const id = await makeSpace();
    await write(id, 'web', '1');
    await read();
    for (let version = 2; version <= 4; version += 1) await write(id, 'web', String(version));
    await database.db.query('DELETE FROM changes WHERE revision = 2');
    sent = [];
    expect(Object.values(await read())).toEqual([['4', '3', '2', '1'].map((v) => ({ v }))]);
    expect(sent).toEqual(['SELECT name', 'WITH noted ', 'BEGIN']);
  });

  it('a space keeps the changes of its last thousand revisions, and of up to a hundred more', async () => {
    const id = await makeSpace();
    await database.db.query('UPDATE spaces SET revision = 5000 WHERE id = $1', [id]);
    await database.db.query(
      `INSERT INTO changes SELECT $1, n, 'old', '1' FROM generate_series(3001, 5000) n`,
      [id],
    );
    for (let n = 1; n <= 100; n += 1) await write(id, 'web', String(n));
    const [kept] = await database.db.query<{ min: number; count: number }>(
      'SELECT min(revision), count(*) FROM changes',
    );
    expect(kept).toEqual({ min: 4101, count: 1000 });
  });

  it('an index is that of the space that has the name now', async () => {
    await write(await makeSpace(), 'web', '1');
    await read();
    await database.db.query('DELETE FROM spaces');
    await expect(read()).rejects.toThrow(expect.objectContaining({ code: 'space.notFound' }));
    await write(await makeSpace(), 'db', '1');
    expect(await read()).toEqual({ db: [{ v: '1' }] });
  });

  it('an index follows a database that was restored from a backup', async () => {
    const id = await makeSpace();
    for (const version of ['1', '2']) await write(id, 'web', version);
    await read();
    await database.db.query(`UPDATE spaces SET revision = 1, changed_at = '2026-01-01'`);
    await database.db.query(`DELETE FROM changes WHERE revision > 1`);
    await database.db.query(`DELETE FROM versions WHERE version = '2'`);
    expect(await read()).toEqual({ web: [{ v: '1' }] });
    await write(id, 'web', '3');
    expect(await read()).toEqual({ web: [{ v: '3' }, { v: '1' }] });
  });

  it('an index that does not fit into the cache is current, too', async () => {
    createCounted(100);
    const id = await makeSpace();
    for (const version of ['1', '2', '3']) {
      await write(id, 'web', version);
      const wide = await Promise.all([read(), read(), read()]);
      for (const entries of wide) expect(entries.web[0]).toEqual({ v: version });
    }
  });

  it('an index has every version committed before its request, under parallel reads and writes', async () => {
    const id = await makeSpace();
    await Promise.all(
      Array.from({ length: 8 }, async (_, chart) => {
        for (let version = 100; version < 130; version += 1) {
          await write(id, `chart-${chart}`, String(version));
          const entries = await read();
          expect(entries[`chart-${chart}`].length).toBe(version - 99);
        }
      }),
    );
    const [last] = await database.db.query<{ count: number }>('SELECT count(*) FROM versions');
    expect(Object.values<unknown[]>(await read()).flat()).toHaveLength(last?.count ?? 0);
  });
});
