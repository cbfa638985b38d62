import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../runtime/package-info.ts';
import { StartError } from '../runtime/startup-error.ts';

/** Migration file. */
export interface Migration {
  /** File name; migrations are applied in its order. */
  name: string;
  sql: string;
  /** Hex digest of the text with line ends as `\n`, so a checkout that rewrites them is not an edit. */
  sha256: string;
}

const migrationsFolder = fileURLToPath(new URL('migrations/', packageFolder));

/**
 * Reads the migrations of a folder, in order of name.
 * @throws {StartError} for a file that is not named like 0001_what_it_does.sql
 */
export async function readMigrations(folder: string = migrationsFolder): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  for (const name of names) {
    if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(name)) {
      throw new StartError(`migration ${name} is not named like 0001_what_it_does.sql`);
    }
  }
  return Promise.all(names.map((name) => readMigration(folder, name)));
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
  return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
}
