import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import type { Transaction } from '../db/port.ts';
import { bumpAtCommit } from './revision.ts';
import { findSpaceId } from './space-rows.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Makes a promise that is resolved from outside. */
function makeSignal() {
  let send: () => void = () => undefined;
  const sent = new Promise<void>((resolve) => {
    send = resolve;
  });
  return { sent, send };
}

/** Waits until so many connections wait for locks. */
async function waitForWaiting(count: number): Promise<void> {
  await expect
    .poll(() =>
      database.db.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
      ),
    )
    .toHaveLength(count);
}

it('writers that wait for one space do not wait for one another in a circle', async () => {
  await database.db.query(`INSERT INTO spaces (name) VALUES ('a')`);
  const spaceId = (await findSpaceId(database.db, 'a')) ?? 0;
  const bump = (tx: Transaction, chart: string) => bumpAtCommit(tx, [{ spaceId, chart, versions: 1 }]);
  // A reader of the key that does not end keeps the first tuple of the row in use.
  const [keyLocked, keyReleased] = [makeSignal(), makeSignal()];
  const holding = database.db.transaction(async (tx) => {
    await tx.query('SELECT FROM spaces WHERE id = $1 FOR KEY SHARE', [spaceId]);
    keyLocked.send();
    await keyReleased.sent;
  });
  await keyLocked.sent;
  const [updated, committed] = [makeSignal(), makeSignal()];
  const first = database.db.transaction(async (tx) => {
    await tx.query('UPDATE spaces SET changed_at = now() WHERE id = $1', [spaceId]);
    updated.send();
    await committed.sent;
  });
  await updated.sent;
  let attempts = 0;
  const writing = ['x', 'y', 'z'].map((chart) =>
    // PostgreSQL ends circles, and the transaction is tried again.
    database.db.transaction(async (tx) => {
      attempts += 1;
      bump(tx, chart);
    }),
  );
  await waitForWaiting(writing.length);
  committed.send();
  await Promise.all([first, ...writing]);
  keyReleased.send();
  await holding;
  expect(attempts).toBe(writing.length);
  const [space] = await database.db.query<{ revision: number }>('SELECT revision FROM spaces WHERE id = $1', [
    spaceId,
  ]);
  expect(space?.revision).toBe(writing.length);
});
