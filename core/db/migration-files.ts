import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from '../start-error.ts';

export interface Migration {
  /** File name, which also gives the order. */
  name: string;
  sql: string;
  /** Hex digest of the text with line ends as `\n`, so a checkout that rewrites them is not an edit. */
  sha256: string;
}

/** Reads `*.sql` of a folder in order of name. */
export async function readMigrations(folder: string = findMigrations()): Promise<Migration[]> {
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

/** The package's own folder: this file is one level deeper once it is built into dist/. */
function findMigrations(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, 'migrations');
    if (existsSync(join(folder, 'package.json')) && existsSync(candidate)) return candidate;
    if (folder === dirname(folder))
      throw new StartError('the migrations folder is missing from the installation');
  }
}
