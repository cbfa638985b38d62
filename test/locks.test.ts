import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createListener } from '../core/db/listener.ts';
import type { Listener } from '../core/db/port.ts';
import { createLocks, type Locks } from '../core/locks/locks.ts';
import type { Resource } from '../core/locks/resource.ts';
import { createTestDatabase, type TestDatabase } from './support/postgres.ts';

let database: TestDatabase;
let listener: Listener;
let locks: Locks;
let waitingLocks: Locks;
beforeAll(async () => {
  database = await createTestDatabase();
  listener = await createListener({ url: database.url, applicationName: 'test', onError: () => undefined });
  locks = await createLocks(database.db, listener, {
    timeoutMs: 50,
    maxConcurrent: 4,
    onError: () => undefined,
  });
  waitingLocks = await createLocks(database.db, listener, {
    timeoutMs: 30_000,
    maxConcurrent: 4,
    onError: () => undefined,
  });
});
afterAll(async () => {
  locks.close();
  waitingLocks.close();
  await listener.close();
  await database.drop();
});

const free = async (resource: Resource) =>
  locks.write(resource, async () => true).catch((error) => error.code === 'resource.locked' && false);

describe('a lease', () => {
  const version: Resource = ['s', 'c', '1.0.0'];

  it.each<[Resource, boolean]>([
    [['s', 'c', '1.0.0'], false],
    [['s', 'c'], false],
    [['s'], false],
    [['s', 'c', '2.0.0'], true],
    [['s', 'd'], true],
    [['t'], true],
  ])('a lease on s/c/1.0.0 leaves %j free: %s', async (resource, expected) => {
    const lease = await locks.lease(version);
    expect(await free(resource)).toBe(expected);
    await lease.release();
    expect(await free(resource)).toBe(true);
  });

  it('a lease on a space excludes every writer below it', async () => {
    const lease = await locks.lease(['s']);
    expect(await free(['s', 'c', '1.0.0'])).toBe(false);
    expect(await free(['s', 'c'])).toBe(false);
    await lease.release();
  });

  it('a writer waits for a lease, and writes when the lease is released', async () => {
    const lease = await locks.lease(version);
    const waiting = waitingLocks.write(version, async () => 'written');
    await lease.release();
    expect(await waiting).toBe('written');
  });

  it('an expired lease is replaced by a new one, and the old holder cannot write', async () => {
    const silent = await locks.lease(version);
    await database.db.query('UPDATE locks SET expires_at = now() WHERE holder = $1', [silent.holder]);
    const next = await locks.lease(version);
    await expect(silent.write(async () => 'late')).rejects.toMatchObject({ code: 'lock.lost' });
    expect(await next.write(async () => 'in time')).toBe('in time');
    expect(await database.db.query('SELECT 1 FROM locks')).toEqual([]);
    await next.release();
    await silent.release();
  });
});

describe('the holder of an expired lease', () => {
  it.each<[Resource]>([[['s', 'c', '1.0.0']], [['s', 'c']], [['s']]])(
    'the holder of an expired lease cannot write after another writer has written %j',
    async (resource) => {
      const silent = await locks.lease(['s', 'c', '1.0.0']);
      await database.db.query('UPDATE locks SET expires_at = now() WHERE holder = $1', [silent.holder]);
      await locks.write(resource, async () => 'written');
      await expect(silent.write(async () => 'late')).rejects.toMatchObject({ code: 'lock.lost' });
      await silent.release();
      expect(await database.db.query('SELECT 1 FROM locks')).toEqual([]);
    },
  );
});

describe('writers in a transaction', () => {
  it('writers of one resource run one after another', async () => {
    let inside = 0;
    let maxInside = 0;
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, number) =>
        waitingLocks.write(['s', 'c', '1.0.0'], async (tx) => {
          inside += 1;
          maxInside = Math.max(maxInside, inside);
          await tx.query('SELECT pg_sleep(0.01)');
          inside -= 1;
          return number;
        }),
      ),
    );
    expect(results).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(maxInside).toBe(1);
  });

  it('writers of two versions do not exclude each other', async () => {
    const other = await waitingLocks.write(['s', 'c', '1.0.0'], async () =>
      locks.write(['s', 'c', '2.0.0'], async () => true),
    );
    expect(other).toBe(true);
  });

  it('a writer excludes the deletion of its space until the commit', async () => {
    const refused = await waitingLocks.write(['s', 'c', '1.0.0'], async () => free(['s']));
    expect(refused).toBe(false);
    expect(await free(['s'])).toBe(true);
  });
});

describe('the locks of a set', () => {
  const versions = ['1', '2', '3'].map((patch) => ['s', 'c', `1.0.${patch}`] as const);
  const isFree = (wanted: readonly (readonly [string, string, string])[]) =>
    waitingLocks.withFreeLocks(
      wanted,
      async () => undefined,
      async (_, found) => [...found],
    );

  it('a set gets the locks that are free, each version once, and waits for no other writer', async () => {
    const lease = await locks.lease(versions[1] ?? ['s']);
    const found = await locks.write(['s', 'c', '1.0.3'], () =>
      isFree([...versions, ['s', 'c', '1.0.1'], ['s', 'd', '1.0.0']]),
    );
    expect(found).toEqual([true, false, false, false, true]);
    await lease.release();
    expect(await isFree(versions)).toEqual([true, true, true]);
  });

  it('a set gets no lock below a space that is being deleted, and those of other spaces', async () => {
    const found = await locks.write(['s'], () => isFree([...versions, ['t', 'c', '1.0.0']]));
    expect(found).toEqual([false, false, false, true]);
  });

  it('a set excludes other writers of its versions and of their space until it commits', async () => {
    const others = await waitingLocks.withFreeLocks(
      versions,
      async () => undefined,
      // Asked one after the other: PostgreSQL queues writers of a space behind a writer that waits for it.
      async () => [await free(['s', 'c', '1.0.2']), await free(['s']), await free(['s', 'c', '2.0.0'])],
    );
    expect(others).toEqual([false, false, true]);
  });

  it('a set leaves a version whose lease has ended to the writer that removes the lease', async () => {
    const add = `INSERT INTO locks (resource, holder, exclusive, fence, expires_at)
                 VALUES ('s/c/1.0.1', gen_random_uuid(), true, nextval('fences'), now() - interval '1 minute')`;
    await database.db.query(add);
    expect(await isFree(versions)).toEqual([false, true, true]);
    expect(await free(['s', 'c', '1.0.1'])).toBe(true);
    expect(await isFree(versions)).toEqual([true, true, true]);
  });
});
