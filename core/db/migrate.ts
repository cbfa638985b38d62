import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StartError } from '../runtime/startup-error.ts';
import {
  applyMigration,
  type MigrationTimes,
  migrationTimes,
  retryUntilUnlocked,
} from './apply-migration.ts';
import { type Migration, readMigrations } from './migration-files.ts';
import { findPending, readApplied } from './pending-migrations.ts';
import type { Queryable } from './port.ts';

/** Options of `migrate`. */
export interface MigrateOptions {
  /** postgres://user:password@host:port/database, with a user that may create tables and schemas. */
  url: string;
  /** Migrations to apply; default: the package's `migrations/`. */
  migrations?: readonly Migration[];
  /** Migrations of others (the queue's), run afterwards on the same connection under the same lock. */
  also?: readonly ((client: pg.Client) => Promise<void>)[];
  times?: MigrationTimes;
}

// Advisory lock of migrations; every release must use this number.
const lockKey = 4_801_216_273;

/** Milliseconds between two looks whether another process has finished migrating. */
const lockPollIntervalMs = 200;

/**
 * Migrates the database to this program's schema, each file in its own transaction. Processes that start at the
 * same time wait for each other. A database that is newer is left as it is, as long as this program runs on it.
 * @returns the names of the files that were applied now
 * @throws {StartError} when an applied file was edited, or this program does not run on the newer database
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const migrations = options.migrations ?? (await readMigrations());
  const client = new pg.Client({ connectionString: options.url, application_name: 'helm-registry migrate' });
  // A broken connection fails its query; without a listener its error event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await acquireMigrationLock(client);
    const names = await applyPending(client, migrations, options.times ?? migrationTimes);
    for (const step of options.also ?? []) await step(client);
    return names;
  } finally {
    // Ending the session releases the lock.
    await client.end();
  }
}

/**
 * Waits for the lock of migrations, which the session then has. It polls, since a session that waits within a statement
 * has a snapshot. CREATE INDEX CONCURRENTLY of the process that migrates would wait for that snapshot for ever.
 */
async function acquireMigrationLock(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
      lockKey,
    ]);
    if (rows[0]?.mine) return;
    await sleep(lockPollIntervalMs);
  }
}

/**
 * Checks that all migrations are applied, and changes nothing.
 * @throws {StartError} that names the command to run
 */
export async function assertMigrated(db: Queryable, migrations?: readonly Migration[]): Promise<void> {
  const applied = await readApplied((sql) => db.query(sql));
  const [pending] = findPending(migrations ?? (await readMigrations()), applied);
  if (pending) {
    throw new StartError(
      `the database lacks migration ${pending.name}: run \`helm-registry migrate\`, then start again`,
    );
  }
}

async function applyPending(
  client: pg.Client,
  migrations: readonly Migration[],
  times: MigrationTimes,
): Promise<string[]> {
  await client.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
    name       text COLLATE "C" PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    needs      text
  )`);
  await addNeedsColumn(client, times);
  const applied = await readApplied(async (sql) => (await client.query(sql)).rows);
  const pending = findPending(migrations, applied);
  for (const migration of pending) await applyMigration(client, migration, times);
  return pending.map(({ name }) => name);
}

/** Adds the column `needs`, which tables of older releases lack. The table is locked only where it does. */
async function addNeedsColumn(client: pg.Client, times: MigrationTimes): Promise<void> {
  const { rows } = await client.query(
    "SELECT FROM pg_attribute WHERE attrelid = 'schema_migrations'::regclass AND attname = 'needs'",
  );
  if (rows.length > 0) return;
  await retryUntilUnlocked(client, 'the list of migrations', times, async (lockTimeout) => {
    await client.query('BEGIN');
    await client.query(lockTimeout);
    await client.query('ALTER TABLE schema_migrations ADD COLUMN needs text');
    await client.query('COMMIT');
  });
}
