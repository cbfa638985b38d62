import { join, resolve } from 'node:path';
import { createFilesystemBlobs } from './blobs/filesystem.ts';
import type { Config } from './config/settings.ts';
import { startEmbeddedPostgres } from './db/embedded.ts';
import { createListener } from './db/listener.ts';
import { assertMigrated, migrate } from './db/migrate.ts';
import { createPool } from './db/pool.ts';
import type { Jobs } from './jobs/jobs.ts';
import { createJobWatch } from './jobs/watch.ts';
import { createLocks } from './locks/locks.ts';
import type { Log } from './log.ts';
import { createPostgresQueue } from './queue/bullmq-postgres.ts';
import { createRedisQueue } from './queue/bullmq-redis.ts';
import { migrateQueue } from './queue/migrate.ts';
import type { Registry } from './registry/registry.ts';
import { createClosers } from './shutdown.ts';
import { createSender, type Sender } from './webhooks/send.ts';

/** Every part of a process, built once from its configuration. */
export interface Context {
  config: Config;
  log: Log;
  registry: Registry;
  jobs: Jobs;
  sender: Sender;
  /** Where uploads that are too large for memory wait. */
  uploadFolder: string;
  /** Aborts when the process begins to close: streams and waits end then. */
  closing: AbortSignal;
  /** Which parts can be reached now. */
  checkParts(): Promise<Record<string, 'up' | 'down'>>;
  /** Ends streams and waits, so that requests in flight can finish. */
  beginClosing(): void;
  /** Closes everything in the reverse of the order in which it was opened. */
  close(): Promise<void>;
}

export interface ContextOptions {
  /** Bring the database up to date first; otherwise it must be. */
  migrate: boolean;
  /** What this process is called in PostgreSQL's list of connections. */
  name: string;
}

/**
 * Opens what a configuration asks for. The only place that knows which driver stands behind a port.
 * @throws {StartError} with a line for the operator
 */
export async function createContext(config: Config, log: Log, options: ContextOptions): Promise<Context> {
  const closers = createClosers(log);
  try {
    return await openContext(config, log, options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function openContext(
  config: Config,
  log: Log,
  options: ContextOptions,
  closers: ReturnType<typeof createClosers>,
): Promise<Context> {
  const folder = resolve(config.dataDir);
  const url = await openDatabase(config, folder, log, closers);
  if (options.migrate) await migrate({ url, also: config.redisUrl === '' ? [migrateQueue] : [] });

  const onError = (error: unknown) => log.warn({ error }, 'lost a connection to PostgreSQL');
  const db = createPool({ url, applicationName: options.name, max: config.databasePool, onError });
  closers.add('database', () => db.close());
  if (!options.migrate) await assertMigrated(db);
  const listener = await createListener({ url, applicationName: `${options.name} listener`, onError });
  closers.add('listener', () => listener.close());
  const blobs = await createFilesystemBlobs(join(folder, 'blobs'));
  closers.add('blobs', () => blobs.close());
  const onQueueError = (error: unknown) => log.warn({ error }, 'queue trouble, it is tried again');
  const queue =
    config.redisUrl === ''
      ? createPostgresQueue({ url, onError: onQueueError })
      : createRedisQueue({ url: config.redisUrl, onError: onQueueError });
  closers.add('queue', () => queue.close());
  const locks = await createLocks(db, listener, {
    timeout: config.lockTimeout,
    width: Math.max(1, config.databasePool - 2),
    onError: (error) => log.warn({ error }, 'a lock was not renewed or released; it ends with its lease'),
  });
  closers.add('locks', () => locks.close());
  const watch = await createJobWatch(listener);
  closers.add('watch', () => watch.close());
  const sender = createSender({ allow: config.webhookAllow, timeoutMs: config.webhookTimeout * 1000 });

  const limits = {
    packed: config.limitPacked,
    unpacked: config.limitUnpacked,
    file: config.limitFile,
    entries: config.limitEntries,
  };
  return {
    config,
    log,
    registry: { db, blobs, locks, limits, autoCreateSpaces: config.autoCreateSpaces },
    jobs: {
      db,
      blobs,
      locks,
      queue,
      watch,
      limits,
      onQueueError: (error, ids) => log.warn({ error, ids }, 'not put on the queue; the sweep will'),
    },
    sender,
    uploadFolder: join(folder, 'uploads'),
    closing: closers.closing,
    checkParts: () =>
      checkAll({
        database: () => db.query('SELECT 1'),
        queue: () => queue.ping(),
        blobs: () => blobs.ping(),
      }),
    beginClosing: () => closers.begin(),
    close: () => closers.close(),
  };
}

async function openDatabase(
  config: Config,
  folder: string,
  log: Log,
  closers: ReturnType<typeof createClosers>,
): Promise<string> {
  if (config.databaseUrl !== '') return config.databaseUrl;
  const embedded = await startEmbeddedPostgres({
    dataDir: folder,
    log: { info: (message) => log.info(message), error: (message) => log.error(message) },
  });
  closers.add('embedded PostgreSQL', () => embedded.stop());
  return embedded.url;
}

async function checkAll(
  checks: Record<string, () => Promise<unknown>>,
): Promise<Record<string, 'up' | 'down'>> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const up = await check().then(
        () => true,
        () => false,
      );
      return [name, up ? 'up' : 'down'] as const;
    }),
  );
  return Object.fromEntries(results);
}
