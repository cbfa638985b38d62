import pg from 'pg';
import { StartError } from '../runtime/startup-error.ts';
import { type Migration, readMigrations } from './migration-files.ts';
import type { Queryable } from './port.ts';
import { sqlState, sqlStateOf } from './sql-state.ts';

/** Options of `migrate`. */
export interface MigrateOptions {
  /** postgres://user:password@host:port/database, with a user that may create tables and schemas. */
  url: string;
  /** Migrations to apply; default: the package's `migrations/`. */
  migrations?: readonly Migration[];
  /** Migrations of others (the queue's), run afterwards on the same connection under the same lock. */
  also?: readonly ((client: pg.Client) => Promise<void>)[];
}

interface Applied {
  name: string;
  sha256: string;
}

// Advisory lock of migrations; every release must use this number.
const lockKey = 4_801_216_273;

/**
 * Migrates the database to this program's schema, each file in its own transaction. Processes that start at the
 * same time wait for each other.
 * @returns the names of the files that were applied now
 * @throws {StartError} when an applied file was edited, or the database is newer than the program
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const migrations = options.migrations ?? (await readMigrations());
  const client = new pg.Client({ connectionString: options.url, application_name: 'helm-registry migrate' });
  // A broken connection fails its query; without a listener its error event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lockKey]);
    const names = await applyPending(client, migrations);
    for (const step of options.also ?? []) await step(client);
    return names;
  } finally {
    // Ending the session releases the lock.
    await client.end();
  }
}

/**
 * Checks that all migrations are applied, and changes nothing.
 * @throws {StartError} that names the command to run
 */
export async function assertMigrated(db: Queryable, migrations?: readonly Migration[]): Promise<void> {
  const applied = await readApplied(db);
  const [pending] = pendingOf(migrations ?? (await readMigrations()), applied);
  if (pending) {
    throw new StartError(
      `the database lacks migration ${pending.name}: run \`helm-registry migrate\`, then start again`,
    );
  }
}

async function readApplied(db: Queryable): Promise<Applied[]> {
  try {
    return await db.query<Applied>('SELECT name, sha256 FROM schema_migrations ORDER BY name');
  } catch (error) {
    if (sqlStateOf(error) === sqlState.undefinedTable) return [];
    throw error;
  }
}

async function applyPending(client: pg.Client, migrations: readonly Migration[]): Promise<string[]> {
  await client.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
    name       text COLLATE "C" PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`);
  const { rows } = await client.query<Applied>('SELECT name, sha256 FROM schema_migrations');
  const pending = pendingOf(migrations, rows);
  for (const migration of pending) await apply(client, migration);
  return pending.map(({ name }) => name);
}

async function apply(client: pg.Client, { name, sql, sha256 }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query('INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)', [name, sha256]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`migration ${name} failed and was rolled back: ${reason}`, { cause: error });
  }
}

function pendingOf(migrations: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, sha256 } of applied) {
    const migration = known.get(name);
    if (!migration) {
      throw new StartError(
        `the database has migration ${name}, which this program does not know: it was migrated by a newer release; start that one`,
      );
    }
    if (migration.sha256 !== sha256) {
      throw new StartError(
        `migration ${name} was changed after it was applied: restore the file, and put the change into a new one`,
      );
    }
  }
  const appliedNames = new Set(applied.map(({ name }) => name));
  return migrations.filter(({ name }) => !appliedNames.has(name));
}
