import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { purgeAudit } from '../core/audit/purge.ts';
import type { Database } from '../core/db/port.ts';
import { createTestDatabase, type TestDatabase } from './support/postgres.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
afterAll(() => database?.drop());

async function add(count: number, daysAgo: number): Promise<void> {
  await db.query(
    `INSERT INTO audit_events (at, principal_kind, action, outcome, door)
     SELECT now() - make_interval(days => $2), 'user', 'version.publish', 'done', 'api' FROM generate_series(1, $1)`,
    [count, daysAgo],
  );
}
async function actions(): Promise<Record<string, number>> {
  const rows = await db.query<{ action: string; events: number }>(
    'SELECT action, count(*) AS events FROM audit_events GROUP BY action',
  );
  return Object.fromEntries(rows.map(({ action, events }) => [action, events]));
}
const insideOf = (keep: string, sql: string) =>
  db.transaction(async (tx) => {
    await tx.query("SELECT set_config('helm_registry.audit_keep', $1, true)", [keep]);
    await tx.query(sql);
  });

describe('events', () => {
  beforeEach(() => add(1, 10));

  it.each([
    ["UPDATE audit_events SET outcome = 'denied'"],
    ["UPDATE audit_events SET outcome = 'denied' WHERE false"],
    ['TRUNCATE audit_events'],
    ['DELETE FROM audit_events'],
    [
      `INSERT INTO audit_events (at, number, principal_kind, action, outcome, door) OVERRIDING SYSTEM VALUE
       SELECT at, number, 'user', 'login', 'done', 'api' FROM audit_events LIMIT 1
       ON CONFLICT (at, number) DO UPDATE SET outcome = 'denied'`,
    ],
  ])('events are refused by the database to the owner of the tables: %s', async (sql) => {
    const before = await actions();
    await expect(db.query(sql)).rejects.toMatchObject({ code: '42501' });
    await expect(insideOf('400', sql)).rejects.toMatchObject({ code: '42501' });
    expect(await actions()).toEqual(before);
  });

  it.each([
    ['0', 'less than a day'],
    ['-5', 'a time to come'],
    ['', 'nothing'],
    ['11', 'more than its age'],
  ])('events are not deleted by a transaction that names %s as the days: %s', async (keep) => {
    await expect(insideOf(keep, 'DELETE FROM audit_events')).rejects.toMatchObject({ code: '42501' });
  });

  it('events are refused also where triggers are silent otherwise', async () => {
    const silent = db.transaction(async (tx) => {
      await tx.query('SET LOCAL session_replication_role = replica');
      await tx.query('DELETE FROM audit_events');
    });
    await expect(silent).rejects.toMatchObject({ code: '42501' });
  });
});

describe('the purge', () => {
  it('deletes what is older than the days, in several transactions, and records each of them', async () => {
    await purgeAudit(db, 1);
    const { 'audit.purge': purges = 0 } = await actions();
    await add(4_500, 401);
    await add(7, 399);
    expect(await purgeAudit(db, 400)).toBe(4_500);
    expect(await actions()).toEqual({ 'version.publish': 7, 'audit.purge': purges + 3 });
    const [row] = await db.query<{ events: number; kind: string }>(
      `SELECT sum((details ->> 'events')::integer) AS events, min(principal_kind) AS kind
         FROM audit_events WHERE action = 'audit.purge' AND details ->> 'days' = '400'`,
    );
    expect(row).toEqual({ events: 4_500, kind: 'system' });
  });

  it('the purge has nothing to record where nothing is old', async () => {
    const before = await actions();
    expect(await purgeAudit(db, 400)).toBe(0);
    expect(await actions()).toEqual(before);
  });

  it('of two processes at once deletes each event once', async () => {
    await add(2_500, 500);
    const [one, other] = await Promise.all([purgeAudit(db, 400), purgeAudit(db, 400)]);
    const rest = await purgeAudit(db, 400);
    expect(one + other + rest).toBe(2_500);
  });

  it('ends before its next batch when it is told to', async () => {
    await add(1, 500);
    expect(await purgeAudit(db, 400, AbortSignal.abort())).toBe(0);
    expect(await purgeAudit(db, 400)).toBe(1);
  });
});
