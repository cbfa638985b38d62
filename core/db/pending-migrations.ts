import { StartError } from '../runtime/startup-error.ts';
import type { Migration } from './migration-files.ts';
import { sqlState, sqlStateOf } from './sql-state.ts';

/** Migration that a database has. */
export interface AppliedMigration {
  name: string;
  sha256: string;
  /** Number of the migration that a program must know to run on the schema; null for every program. */
  needs: string | null;
}

// A database that no newer program has migrated has no column `needs`.
const appliedSql = `SELECT name, sha256, to_jsonb(schema_migrations) ->> 'needs' AS needs FROM schema_migrations ORDER BY name`;

/** Reads the migrations that a database has; none where there was never one. */
export async function readApplied(
  query: (sql: string) => Promise<AppliedMigration[]>,
): Promise<AppliedMigration[]> {
  try {
    return await query(appliedSql);
  } catch (error) {
    if (sqlStateOf(error) === sqlState.undefinedTable) return [];
    throw error;
  }
}

/**
 * Finds the migrations that a database lacks.
 * @throws {StartError} when an applied file was edited, or this program does not run on a newer database
 */
export function findPending(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const newest = migrations.at(-1)?.name ?? '';
  for (const row of applied) {
    const migration = known.get(row.name);
    if (!migration) assertRunsOnNewerDatabase(newest, row);
    else if (migration.sha256 !== row.sha256) {
      throw new StartError(
        `migration ${row.name} was changed after it was applied: restore the file, and put the change into a new one`,
      );
    }
  }
  const appliedNames = new Set(applied.map(({ name }) => name));
  return migrations.filter(({ name }) => !appliedNames.has(name));
}

/**
 * Checks that a program runs on a database with migrations that it does not know. During an upgrade processes of the
 * old release start again, and somebody may go back to it.
 * @throws {StartError} unless the unknown one is newer, and needs no newer program
 */
function assertRunsOnNewerDatabase(newest: string, { name, needs }: AppliedMigration): void {
  if (name < newest) {
    throw new StartError(
      `the database has migration ${name}, which this program does not know although it knows later ones: start the release that has made it`,
    );
  }
  if (needs !== null && needs > newest.slice(0, needs.length)) {
    throw new StartError(
      `the database has migration ${name} of a newer release, on which programs run that know migration ${needs}: start a newer release`,
    );
  }
}
