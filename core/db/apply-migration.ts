import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { StartError } from '../runtime/startup-error.ts';
import type { Migration } from './migration-files.ts';
import { neededMigration, splitIfNoTransaction } from './migration-header.ts';
import { sqlState, sqlStateOf } from './sql-state.ts';

/** Times of a migration, in milliseconds. */
export interface MigrationTimes {
  /** Longest wait for one lock. Meanwhile every query on its table waits behind the migration. */
  lockTimeoutMs: number;
  /** Longest pause before the next attempt, in which those queries are done. */
  pauseMs: number;
  /** Time after which a migration that gets no lock fails. */
  maxWaitMs: number;
}

/** Times of a migration by default: queries wait for half a second at the most, migrations for ten minutes. */
export const migrationTimes: MigrationTimes = { lockTimeoutMs: 500, pauseMs: 2_000, maxWaitMs: 600_000 };

const retriedLockStates: readonly (string | undefined)[] = [
  sqlState.lockNotAvailable,
  sqlState.deadlockDetected,
];

/**
 * Applies a migration, and records it.
 * @throws {StartError} when it fails, or has no lock in all that time
 */
export async function applyMigration(
  client: pg.Client,
  migration: Migration,
  times: MigrationTimes,
): Promise<void> {
  const alone = splitIfNoTransaction(migration);
  const { name, sha256 } = migration;
  const values = [name, sha256, neededMigration(migration) ?? null];
  await retryUntilUnlocked(client, `migration ${name}`, times, async (lockTimeout) => {
    if (alone) {
      // A build waits for all transactions before it, and nobody waits behind it.
      await client.query('SET lock_timeout = 0');
      for (const statement of alone) await client.query(statement);
    }
    await client.query('BEGIN');
    await client.query(lockTimeout);
    if (!alone) await client.query(migration.sql);
    await client.query('INSERT INTO schema_migrations (name, sha256, needs) VALUES ($1, $2, $3)', values);
    await client.query('COMMIT');
  });
}

/**
 * Does work that locks tables. A lock that it does not get soon is requested again after a pause. So a long transaction
 * of a running process holds up this work and nobody else.
 * @param name name of the work in errors
 * @param work gets the statement that bounds the wait of its transaction; it can be repeated
 * @throws {StartError} when it fails, or has no lock in all that time
 */
export async function retryUntilUnlocked(
  client: pg.Client,
  name: string,
  times: MigrationTimes,
  work: (lockTimeout: string) => Promise<void>,
): Promise<void> {
  const deadline = performance.now() + times.maxWaitMs;
  for (;;) {
    try {
      return await work(`SET LOCAL lock_timeout = ${times.lockTimeoutMs}`);
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      const isBlocked = retriedLockStates.includes(sqlStateOf(error));
      if (!isBlocked || performance.now() > deadline) {
        const reason = error instanceof Error ? error.message : String(error);
        const blocked = isBlocked ? await describeOldest(client).catch(() => '') : '';
        throw new StartError(`${name} failed and was rolled back: ${reason}${blocked}`, { cause: error });
      }
    }
    // Pause for a random time, so that the next try does not meet the same transactions again.
    await sleep(times.pauseMs * (0.5 + Math.random() / 2));
  }
}

/** Names the transaction that has been open the longest: it probably has the lock. */
async function describeOldest(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ pid: number; name: string; since: string }>(
    `SELECT pid, application_name AS name, xact_start::text AS since FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
      ORDER BY xact_start LIMIT 1`,
  );
  const [oldest] = rows;
  if (!oldest) return '';
  return `. The oldest transaction is that of process ${oldest.pid} ("${oldest.name}"), open since ${oldest.since}: end it, and run \`helm-registry migrate\` again`;
}
