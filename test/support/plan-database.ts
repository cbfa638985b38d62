import { afterAll, beforeAll } from 'vitest';
import type { Database } from '../../core/db/port.ts';
import { createTestDatabase, type TestDatabase } from './postgres.ts';
import { type QueryRecorder, recordQueries } from './query-plans.ts';

/** Database of a file of plan tests: large, filled once, and shared by the tests. */
export interface PlanDatabase extends QueryRecorder {
  /** Database that records nothing: it is filled, and asked what is true. */
  database: Database;
}

/**
 * Creates a database before the tests of a file, and drops it after them. Its parts may be taken apart at once, and
 * used once `fill` is called.
 * @param fill fills the database; it ends with `ANALYZE` of the tables, on whose statistics plans depend
 * @param timeoutMs longest time for that
 */
export function usePlanDatabase(
  fill: (database: Database) => Promise<unknown>,
  timeoutMs = 300_000,
): PlanDatabase {
  let opened: TestDatabase | undefined;
  const use = () => {
    if (!opened) throw new Error('the database of the tests is not there yet');
    return opened.db;
  };
  const database: Database = {
    query: (sql, params) => use().query(sql, params),
    transaction: (fn) => use().transaction(fn),
    connections: () => use().connections(),
    close: () => use().close(),
  };
  beforeAll(async () => {
    opened = await createTestDatabase();
    await fill(database);
  }, timeoutMs);
  afterAll(() => opened?.drop());
  return { database, ...recordQueries(database) };
}
