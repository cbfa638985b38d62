import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { createPool } from '../db/pool.ts';
import type { Database } from '../db/port.ts';
import { addFailures } from './login-failures.ts';
import { createLoginLimits, type LoginAttempt, tooManyFailuresError } from './login-limits.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
beforeEach(async () => {
  await db.query('DELETE FROM login_failures');
});
afterAll(() => database.drop());

/** Moves all that was counted into the past, as the clock of the database does by itself. */
async function passSeconds(seconds: number): Promise<void> {
  await db.query(
    `UPDATE login_failures
        SET failed_at = failed_at - $1 * interval '1 second', delayed_until = delayed_until - $1 * interval '1 second'`,
    [seconds],
  );
}

/** Reads the failures of each bucket, and the length of its present delay as it began. */
async function readRows() {
  return db.query<{ failures: number; delay: number | null }>(
    `SELECT failures, extract(epoch FROM delayed_until - failed_at)::float8 AS delay FROM login_failures
      ORDER BY failures, bucket`,
  );
}

async function fail(attempt: LoginAttempt, times: number) {
  const { countFailure } = createLoginLimits(db);
  const results: (number | undefined)[] = [];
  for (let time = 0; time < times; time += 1) results.push(await countFailure(attempt));
  return results;
}

const attempt = { network: '192.0.2.1', name: 'alice' };

it('begins a delay after ten failures, and tells it to those that follow', async () => {
  expect(await fail(attempt, 10)).toEqual(Array(10).fill(undefined));
  expect(await readRows()).toEqual([
    { failures: 10, delay: 1 },
    { failures: 10, delay: 1 },
  ]);
  await db.query(`UPDATE login_failures SET delayed_until = delayed_until + interval '1 minute'`);
  expect(await fail(attempt, 1)).toEqual([expect.any(Number)]);
  const elsewhere = createLoginLimits(db);
  expect((await elsewhere.readDelay(attempt)).isWhole).toBe(true);
  expect(await elsewhere.readDelay({ network: '192.0.2.2', name: 'alice' })).toEqual({
    seconds: expect.any(Number),
    isWhole: false,
  });
  expect((await elsewhere.readDelay({ network: '192.0.2.1', name: 'bob' })).seconds).toBeGreaterThan(0);
  expect(await elsewhere.readDelay({ network: '192.0.2.2', name: 'bob' })).toEqual({
    seconds: 0,
    isWhole: false,
  });
});

it('doubles the delay with each failure after it, up to fifteen minutes', async () => {
  await fail(attempt, 10);
  const delays: (number | null | undefined)[] = [];
  for (let round = 0; round < 12; round += 1) {
    await passSeconds(900);
    expect(await fail(attempt, 1)).toEqual([undefined]);
    delays.push((await readRows())[0]?.delay);
  }
  expect(delays).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
});

it('counts nothing during a delay, also where it began after the failure was looked up', async () => {
  expect(await addFailures(db, [{ bucket: 1, failures: 10 }])).toEqual(new Map());
  await db.query(`UPDATE login_failures SET delayed_until = delayed_until + interval '1 minute'`);
  const before = await readRows();
  const delays = await addFailures(db, [
    { bucket: 2, failures: 1 },
    { bucket: 1, failures: 5 },
  ]);
  expect(delays).toEqual(new Map([[1, expect.any(Number)]]));
  expect(await readRows()).toEqual([{ failures: 1, delay: null }, ...before]);
});

it('forgets failures after a quiet hour', async () => {
  await fail(attempt, 9);
  await passSeconds(3601);
  expect(await fail(attempt, 9)).toEqual(Array(9).fill(undefined));
  expect((await readRows()).map(({ failures }) => failures)).toEqual([9, 9]);
  await fail(attempt, 1);
  await passSeconds(3601);
  expect(await createLoginLimits(db).readDelay(attempt)).toEqual({ seconds: 0, isWhole: false });
  await fail(attempt, 1);
  expect(await readRows()).toEqual([
    { failures: 1, delay: null },
    { failures: 1, delay: null },
  ]);
});

it('counts failures that come together once each, up to the limit', async () => {
  const { countFailure } = createLoginLimits(db);
  await Promise.all(Array.from({ length: 7 }, () => countFailure(attempt)));
  expect((await readRows()).map(({ failures }) => failures)).toEqual([7, 7]);
  await Promise.all(Array.from({ length: 50 }, () => countFailure(attempt)));
  expect(await readRows()).toEqual([
    { failures: 10, delay: 1 },
    { failures: 10, delay: 1 },
  ]);
});

it('begins one delay when two processes reach the limit at once', async () => {
  const other = createPool({ url: database.url, applicationName: 'other', onError: () => undefined });
  try {
    await addFailures(db, [{ bucket: 1, failures: 9 }]);
    const late = await other.transaction(async (tx) => {
      // Fixes the time of this process before the other one counts.
      await tx.query('SELECT now()');
      await addFailures(db, [{ bucket: 1, failures: 1 }]);
      return addFailures(tx, [{ bucket: 1, failures: 1 }]);
    });
    expect(await readRows()).toEqual([{ failures: 10, delay: 1 }]);
    expect(late.size).toBe(0);
  } finally {
    await other.close();
  }
});

it('never waits in a circle for the rows of another process', async () => {
  const other = createPool({ url: database.url, applicationName: 'other', onError: () => undefined });
  try {
    const counts = Array.from({ length: 300 }, (_, bucket) => ({ bucket, failures: 1 }));
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        addFailures(index % 2 ? db : other, index % 2 ? counts : counts.toReversed()),
      ),
    );
    expect(await readRows()).toEqual(counts.map(() => ({ failures: 10, delay: expect.any(Number) })));
  } finally {
    await other.close();
  }
});

it('counts an attempt with a token for its network alone', async () => {
  await fail({ network: '2001:db8::/64' }, 3);
  expect((await readRows()).map(({ failures }) => failures)).toEqual([3]);
  expect(await db.query('SELECT 1 FROM login_failures WHERE bucket < 65536')).toEqual([]);
});

it('the table of failures has a row for a bucket, however many names are tried', async () => {
  const { countFailure } = createLoginLimits(db);
  await Promise.all(
    Array.from({ length: 5_000 }, (_, index) => countFailure({ network: 'one', name: `made up ${index}` })),
  );
  const [range] = await db.query<{ least: number; greatest: number; rows: number }>(
    'SELECT min(bucket) AS least, max(bucket) AS greatest, count(*) AS rows FROM login_failures',
  );
  expect(range?.least).toBeGreaterThanOrEqual(0);
  expect(range?.greatest).toBeLessThan(131_072);
  expect(range?.rows).toBeLessThan(5_001);
});

it('says in the error when to try again', () => {
  expect(tooManyFailuresError(64)).toMatchObject({
    code: 'access.tooManyFailures',
    status: 429,
    retryAfter: 64,
  });
});
