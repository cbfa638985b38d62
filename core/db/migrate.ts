import pg from 'pg';
import { StartError } from '../runtime/startup-error.ts';
import { type Migration, readMigrations } from './migration-files.ts';
import type { Queryable } from './port.ts';
import { sqlState, sqlStateOf } from './sql-state.ts';

export interface MigrateOptions {
  /** postgres://user:password@host:port/database, of a user who may create tables and schemas. */
  url: string;
  /** Read from the package's `migrations/` unless given. */
  migrations?: readonly Migration[];
  /** Other parties' migrations (the queue's), run afterwards on the same connection under the same lock. */
  also?: readonly ((client: pg.Client) => Promise<void>)[];
}

interface Applied {
  name: string;
  sha256: string;
}

// Any number will do, as long as every release uses the same one.
const lockKey = 4_801_216_273;

/**
 * Brings the database up to this program's schema, each file in a transaction of its own. Processes that start at the
 * same time wait for each other; when there is nothing to do nothing is done.
 * @returns the names of the files that were applied now
 * @throws {StartError} when an applied file was edited, or the database is newer than the program
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const migrations = options.migrations ?? (await readMigrations());
  const client = new pg.Client({ connectionString: options.url, application_name: 'helm-registry migrate' });
  // A connection that breaks fails the query it broke; the event on top would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lockKey]);
    const names = await applyPending(client, migrations);
    for (const step of options.also ?? []) await step(client);
    return names;
  } finally {
    // The lock ends with the session.
    await client.end();
  }
}

/**
 * Checks that the database is what this program expects, and changes nothing.
 * @throws {StartError} that says what to run
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
  const done = new Set(applied.map(({ name }) => name));
  return migrations.filter(({ name }) => !done.has(name));
}
