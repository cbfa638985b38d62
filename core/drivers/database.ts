import { resolve } from 'node:path';
import type { Config } from '../config/settings.ts';
import { startEmbeddedPostgres } from '../db/embedded.ts';
import { assertMigrated, migrate } from '../db/migrate.ts';
import { createPool } from '../db/pool.ts';
import type { Database } from '../db/port.ts';
import { assertServerVersion } from '../db/server-version.ts';
import { migrateQueue } from '../queue/migrate.ts';
import type { Log } from '../runtime/log.ts';
import type { Closers } from '../runtime/shutdown-hooks.ts';
import { reach } from './assert-reachable.ts';
import { explainPostgres } from './explain-postgres.ts';

export interface OpenedDatabase {
  url: string;
  db: Database;
}

export interface DatabaseOptions {
  /** Bring it up to date first; otherwise it must be. */
  migrate: boolean;
  /** What this process is called in PostgreSQL's list of connections. */
  name: string;
}

/**
 * Opens PostgreSQL, the embedded one unless `DATABASE_URL` names another.
 * @throws {StartError} when it cannot be reached, or is not what this program expects
 */
export async function openDatabase(
  config: Config,
  log: Log,
  closers: Closers,
  options: DatabaseOptions,
): Promise<OpenedDatabase> {
  const url = config.databaseUrl === '' ? await startEmbedded(config, log, closers) : config.databaseUrl;
  const db = createPool({
    url,
    applicationName: options.name,
    max: config.databasePool,
    onError: closers.whileOpen((error) => log.warn({ error }, 'lost a connection to PostgreSQL')),
  });
  closers.add('database', () => db.close());
  const part = config.databaseUrl === '' ? 'the embedded PostgreSQL' : 'PostgreSQL at DATABASE_URL';
  await reach(part, () => db.query('SELECT 1'), explainPostgres);
  await assertServerVersion(db);
  if (options.migrate) {
    await reach(
      part,
      async () => {
        const applied = await migrate({ url, also: [migrateQueue] });
        log.info({ applied }, 'the database is up to date');
      },
      explainPostgres,
    );
  } else {
    await reach(part, () => assertMigrated(db), explainPostgres);
  }
  return { url, db };
}

async function startEmbedded(config: Config, log: Log, closers: Closers): Promise<string> {
  const embedded = await startEmbeddedPostgres({
    dataDir: resolve(config.dataDir),
    log: { info: (message) => log.info(message), error: (message) => log.error(message) },
  });
  closers.add('embedded PostgreSQL', () => embedded.stop());
  void embedded.ended.then(() => closers.fail('the embedded PostgreSQL is gone'));
  return embedded.url;
}
