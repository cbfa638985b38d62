import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { createPool } from './pool.ts';
import type { Database, Transaction } from './port.ts';
import { sqlStateOf } from './sql-state.ts';

describe('pool', () => {
  let database: TestDatabase;
  let db: Database;

  beforeAll(async () => {
    database = await createTestDatabase('template0');
    db = database.db;
    await db.query('CREATE TABLE numbers (n integer PRIMARY KEY, hits integer NOT NULL DEFAULT 0)');
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await db.query('DELETE FROM numbers');
    await db.query('INSERT INTO numbers (n) VALUES (1), (2)');
  });

  const count = async () =>
    (await db.query<{ n: number }>('SELECT n FROM numbers ORDER BY n')).map(({ n }) => n);

  it('reads bigints as numbers up to the largest safe integer', async () => {
    expect(
      await db.query(
        `SELECT 42::int8 AS small, 9007199254740991::int8 AS largest, 9007199254740993::int8 AS beyond, NULL::int8 AS none`,
      ),
    ).toEqual([{ small: 42, largest: Number.MAX_SAFE_INTEGER, beyond: '9007199254740993', none: null }]);
  });

  it('runs a prepared statement with new parameters each time', async () => {
    const statement = 'SELECT $1::int8 * 2 AS twice';
    expect(await db.query(statement, [4])).toEqual([{ twice: 8 }]);
    expect(await db.query(statement, [5])).toEqual([{ twice: 10 }]);
  });

  it('commits a transaction and returns its result', async () => {
    const result = await db.transaction(async (tx) => {
      await tx.query('INSERT INTO numbers (n) VALUES (3)');
      expect(await count()).toEqual([1, 2]);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await count()).toEqual([1, 2, 3]);
  });

  it('rolls a transaction back when its function throws, and throws the same error', async () => {
    const mistake = new Error('mistake');
    const failing = db.transaction(async (tx) => {
      await tx.query('INSERT INTO numbers (n) VALUES (3)');
      throw mistake;
    });
    await expect(failing).rejects.toBe(mistake);
    expect(await count()).toEqual([1, 2]);
  });

  it('passes on the constraint that a row violated', async () => {
    const error: unknown = await db
      .query('INSERT INTO numbers (n) VALUES (1)')
      .catch((reason: unknown) => reason);
    expect(sqlStateOf(error)).toBe('23505');
    expect(error).toMatchObject({ constraint: 'numbers_pkey' });
    expect(sqlStateOf(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))).toBeUndefined();
  });

  it('fails a transaction whose commit PostgreSQL turned into a rollback', async () => {
    const swallowing = db.transaction(async (tx) => {
      await tx.query('INSERT INTO numbers (n) VALUES (3)');
      await tx.query('INSERT INTO numbers (n) VALUES (3)').catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow('rolled back');
    expect(await count()).toEqual([1, 2]);
  });

  it('sends the statements of atCommit with the commit, atomically', async () => {
    const insert = 'INSERT INTO numbers (n) VALUES ($1)';
    await db.transaction(async (tx) => {
      tx.atCommit(insert, [4]);
      expect(await tx.query('SELECT FROM numbers WHERE n = 4')).toEqual([]);
      await tx.query(insert, [3]);
    });
    expect(await count()).toEqual([1, 2, 3, 4]);
    const failing = db.transaction(async (tx) => {
      await tx.query(insert, [5]);
      tx.atCommit(insert, [4]);
    });
    await expect(failing).rejects.toMatchObject({ constraint: 'numbers_pkey' });
    const thrown = db.transaction(async (tx) => {
      tx.atCommit(insert, [5]);
      throw new Error('mistake');
    });
    await expect(thrown).rejects.toThrow('mistake');
    expect(await count()).toEqual([1, 2, 3, 4]);
  });

  it('refuses statements of a transaction that has ended', async () => {
    const mistake = new Error('mistake');
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    let late: Promise<unknown> = Promise.resolve();
    const insertTwo = async (tx: Transaction) => {
      await tx.query('INSERT INTO numbers (n) VALUES (3)');
      await ended;
      await tx.query('INSERT INTO numbers (n) VALUES (4)');
    };
    const failing = db.transaction(async (tx) => {
      late = insertTwo(tx);
      late.catch(() => undefined);
      await tx.query('SELECT 1');
      throw mistake;
    });
    await expect(failing).rejects.toBe(mistake);
    end();
    await expect(late).rejects.toThrow('the transaction has ended');
    expect(await count()).toEqual([1, 2]);
  });

  it('rolls back statements that were sent behind a failing one', async () => {
    const failing = db.transaction((tx) =>
      Promise.all([
        tx.query('INSERT INTO numbers (n) VALUES (3)'),
        tx.query('INSERT INTO numbers (n) VALUES (1)'),
        tx.query('INSERT INTO numbers (n) VALUES (4)'),
      ]),
    );
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await count()).toEqual([1, 2]);
  });

  it('throws the first error of concurrent statements in a transaction', async () => {
    let runs = 0;
    const failing = db.transaction(async (tx) => {
      runs += 1;
      const failure = tx.query(`DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40P01'; END $$`);
      const [refused] = await Promise.allSettled([tx.query('SELECT 1'), failure]);
      if (refused.status === 'rejected') throw refused.reason;
    });
    await expect(failing).rejects.toMatchObject({ code: '40P01' });
    expect(runs).toBe(5);
  });

  it('runs no further statement in a transaction whose BEGIN failed', async () => {
    const proxy = await openProxy(database.url, (bytes) =>
      Buffer.from(bytes.toString('latin1').replace('BEGIN\0', 'BEGIM\0'), 'latin1'),
    );
    onTestFinished(() => void proxy.close());
    const spoiled = createPool({
      url: proxy.url,
      applicationName: 'spoiled',
      onError: () => undefined,
    });
    onTestFinished(() => spoiled.close());
    const failing = spoiled.transaction(async (tx) => {
      await tx.query('SELECT 1');
      await tx.query('INSERT INTO numbers (n) VALUES (3)');
    });
    await expect(failing).rejects.toMatchObject({ code: '42601' });
    expect(await count()).toEqual([1, 2]);
  });

  it('repeats the victim of a deadlock until both transactions commit', async () => {
    let runs = 0;
    const barrier = createBarrier(2);
    const hit = async (tx: Transaction, n: number) => {
      await tx.query('UPDATE numbers SET hits = hits + 1 WHERE n = $1', [n]);
    };
    const both = (first: number, second: number) =>
      db.transaction(async (tx) => {
        runs += 1;
        await hit(tx, first);
        await barrier();
        await hit(tx, second);
      });
    await Promise.all([both(1, 2), both(2, 1)]);
    // The repeated transaction may collide once more, where it takes the row before the other one wakes up.
    expect(runs).toBeGreaterThanOrEqual(3);
    expect(await db.query('SELECT hits FROM numbers ORDER BY n')).toEqual([{ hits: 2 }, { hits: 2 }]);
  });

  it('gives up on a transaction after five serialization failures', async () => {
    let runs = 0;
    const hopeless = db.transaction(async (tx) => {
      runs += 1;
      await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$`);
    });
    await expect(hopeless).rejects.toMatchObject({ code: '40001' });
    expect(runs).toBe(5);
  });

  it('uses one connection for a transaction', async () => {
    const narrow = createPool({
      url: database.url,
      applicationName: 'narrow',
      max: 1,
      onError: () => undefined,
    });
    onTestFinished(() => narrow.close());
    const ten = Array.from({ length: 10 }, (_, n) =>
      narrow.transaction((tx) => tx.query('INSERT INTO numbers (n) VALUES ($1)', [n + 10])),
    );
    await Promise.all(ten);
    expect(await count()).toHaveLength(12);
  });

  it('replaces connections that break while idle and in a transaction', async () => {
    const errors: Error[] = [];
    const pool = createPool({
      url: database.url,
      applicationName: 'broken',
      onError: (error) => errors.push(error),
    });
    onTestFinished(() => pool.close());
    onTestFinished(() => pool.close());
    const end = () =>
      db.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'broken'`);
    await pool.query('SELECT 1');
    await end();
    await expect.poll(() => errors.length).toBeGreaterThan(0);
    const lent = pool.transaction(async (tx) => {
      await tx.query('SELECT 1');
      const before = errors.length;
      await end();
      await expect.poll(() => errors.length).toBeGreaterThan(before);
      await tx.query('SELECT 1');
    });
    await expect(lent).rejects.toThrow();
    expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('cancels a statement after its timeout', async () => {
    const hasty = createPool({
      url: database.url,
      applicationName: 'hasty',
      statementTimeoutMs: 50,
      onError: () => undefined,
    });
    onTestFinished(() => hasty.close());
    await expect(hasty.query('SELECT pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });
  });
});

/** Starts a proxy between a pool and the server that changes the bytes the pool sends. */
async function openProxy(url: string, change: (bytes: Buffer) => Buffer) {
  const target = new URL(url);
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    client.on('data', (bytes) => upstream.write(change(bytes)));
    upstream.pipe(client);
    client.on('close', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(typeof address === 'object' ? address?.port : '');
  return { url: through.href, close: () => server.close() };
}

/** Creates a barrier that opens for all callers once it was called `size` times. */
function createBarrier(size: number): () => Promise<void> {
  let arrived = 0;
  let open: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    arrived += 1;
    if (arrived >= size) open();
    return all;
  };
}
