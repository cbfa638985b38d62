import { resolve } from 'node:path';
import type { Config } from '../config/settings.ts';
import { startEmbeddedPostgres } from '../db/embedded.ts';
import { assertMigrated, migrate } from '../db/migrate.ts';
import { createPool } from '../db/pool.ts';
import type { Database } from '../db/port.ts';
import { assertServerVersion } from '../db/server-version.ts';
import { migrateQueue } from '../queue/migrate.ts';
import type { Log } from '../runtime/log.ts';
import type { ShutdownHooks } from '../runtime/shutdown-hooks.ts';
import { assertReachable } from './assert-reachable.ts';
import { explainPostgres } from './explain-postgres.ts';
import { withExplainedRefusals } from './with-explained-refusals.ts';

/** Open database with its URL. */
export interface OpenedDatabase {
  url: string;
  db: Database;
}

/** Options of an opened database. */
export interface DatabaseOptions {
  /** Whether to migrate the database first; otherwise it must be migrated. */
  migrate: boolean;
  /** Name of this process in PostgreSQL's list of connections. */
  name: string;
}

/**
 * Opens PostgreSQL: the embedded one, or that of `DATABASE_URL`.
 * @throws {StartError} when it cannot be reached, or lacks version or migrations that this program needs
 */
export async function openDatabase(
  config: Config,
  log: Log,
  shutdownHooks: ShutdownHooks,
  options: DatabaseOptions,
): Promise<OpenedDatabase> {
  const url =
    config.databaseUrl === '' ? await startEmbedded(config, log, shutdownHooks) : config.databaseUrl;
  const pool = createPool({
    url,
    settings: defaultQuotaOptions(config),
    applicationName: options.name,
    max: config.databasePool,
    onError: shutdownHooks.unlessClosing((error) => log.warn({ error }, 'lost a connection to PostgreSQL')),
  });
  const db = withExplainedRefusals(pool);
  shutdownHooks.add('database', () => db.close());
  const part = config.databaseUrl === '' ? 'the embedded PostgreSQL' : 'PostgreSQL at DATABASE_URL';
  await assertReachable(part, () => db.query('SELECT 1'), explainPostgres);
  await assertServerVersion(db);
  if (options.migrate) {
    await assertReachable(
      part,
      async () => {
        const applied = await migrate({ url, also: [migrateQueue] });
        log.info({ applied }, 'the database is up to date');
      },
      explainPostgres,
    );
  } else {
    await assertReachable(part, () => assertMigrated(db), explainPostgres);
  }
  return { url, db };
}

/** Names the default quotas on each connection, where triggers read them; none where there are none. */
function defaultQuotaOptions({ quotaBytes, quotaVersions }: Config): string[] {
  const quotas = { bytes: quotaBytes, versions: quotaVersions };
  return Object.entries(quotas).flatMap(([name, max]) =>
    max > 0 ? [`helm_registry.quota_${name}=${max}`] : [],
  );
}

async function startEmbedded(config: Config, log: Log, shutdownHooks: ShutdownHooks): Promise<string> {
  const embedded = await startEmbeddedPostgres({
    dataDir: resolve(config.dataDir),
    log: { info: (message) => log.info(message), error: (message) => log.error(message) },
  });
  shutdownHooks.add('embedded PostgreSQL', () => embedded.stop());
  void embedded.ended.then(() => shutdownHooks.fail('the embedded PostgreSQL is gone'));
  return embedded.url;
}
