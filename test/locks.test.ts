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

describe('a lock that lasts', () => {
  const held: Resource = ['s', 'c', '1.0.0'];

  it.each<[Resource, boolean]>([
    [['s', 'c', '1.0.0'], false],
    [['s', 'c'], false],
    [['s'], false],
    [['s', 'c', '2.0.0'], true],
    [['s', 'd'], true],
    [['t'], true],
  ])('on s/c/1.0.0 leaves %j free: %s', async (resource, expected) => {
    const lease = await locks.lease(held);
    expect(await free(resource)).toBe(expected);
    await lease.release();
    expect(await free(resource)).toBe(true);
  });

  it('on a space keeps out every writer inside it', async () => {
    const lease = await locks.lease(['s']);
    expect(await free(['s', 'c', '1.0.0'])).toBe(false);
    expect(await free(['s', 'c'])).toBe(false);
    await lease.release();
  });

  it('is waited for, and taken the moment it is released', async () => {
    const lease = await locks.lease(held);
    const waiting = waitingLocks.write(held, async () => 'written');
    await lease.release();
    expect(await waiting).toBe('written');
  });

  it('of a holder that fell silent is taken over, and the old holder can write no more', async () => {
    const silent = await locks.lease(held);
    await database.db.query('UPDATE locks SET expires_at = now() WHERE holder = $1', [silent.holder]);
    const next = await locks.lease(held);
    await expect(silent.write(async () => 'late')).rejects.toMatchObject({ code: 'lock.lost' });
    expect(await next.write(async () => 'in time')).toBe('in time');
    expect(await database.db.query('SELECT 1 FROM locks')).toEqual([]);
    await next.release();
    await silent.release();
  });
});

describe('a holder that fell silent', () => {
  it.each<[Resource]>([[['s', 'c', '1.0.0']], [['s', 'c']], [['s']]])(
    'can write no more once somebody has written %j',
    async (taken) => {
      const silent = await locks.lease(['s', 'c', '1.0.0']);
      await database.db.query('UPDATE locks SET expires_at = now() WHERE holder = $1', [silent.holder]);
      await locks.write(taken, async () => 'written');
      await expect(silent.write(async () => 'late')).rejects.toMatchObject({ code: 'lock.lost' });
      await silent.release();
      expect(await database.db.query('SELECT 1 FROM locks')).toEqual([]);
    },
  );
});

describe('writers in a transaction', () => {
  it('of one resource follow one another', async () => {
    let inside = 0;
    let maxAtOnce = 0;
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, number) =>
        waitingLocks.write(['s', 'c', '1.0.0'], async (tx) => {
          inside += 1;
          maxAtOnce = Math.max(maxAtOnce, inside);
          await tx.query('SELECT pg_sleep(0.01)');
          inside -= 1;
          return number;
        }),
      ),
    );
    expect(results).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(maxAtOnce).toBe(1);
  });

  it('of two versions do not keep out one another', async () => {
    const other = await waitingLocks.write(['s', 'c', '1.0.0'], async () =>
      locks.write(['s', 'c', '2.0.0'], async () => true),
    );
    expect(other).toBe(true);
  });

  it('keep out who would delete the space, until they have committed', async () => {
    const refused = await waitingLocks.write(['s', 'c', '1.0.0'], async () => free(['s']));
    expect(refused).toBe(false);
    expect(await free(['s'])).toBe(true);
  });
});
