import type { BlobStore } from '../blobs/port.ts';
import type { Config } from '../config/settings.ts';
import { createListener } from '../db/listener.ts';
import type { Database, Listener } from '../db/port.ts';
import { createLocks, type Locks } from '../locks/locks.ts';
import type { Log } from '../runtime/log.ts';
import type { ShutdownHooks } from '../runtime/shutdown-hooks.ts';
import { StartError } from '../runtime/startup-error.ts';
import { openBlobs } from './blobs.ts';
import { type DatabaseOptions, openDatabase } from './database.ts';
import { explainPostgres } from './explain-postgres.ts';

/** Opened parts for storing charts: all but the queue. */
export interface Storage {
  /** URL of the database, for connections of other kinds. */
  url: string;
  db: Database;
  listener: Listener;
  blobs: BlobStore;
  locks: Locks;
}

/**
 * Opens the database, the listener, the blob store and the locks.
 * @throws {StartError} with a line for the operator
 */
export async function openStorage(
  config: Config,
  log: Log,
  shutdownHooks: ShutdownHooks,
  options: DatabaseOptions,
): Promise<Storage> {
  const { url, db } = await openDatabase(config, log, shutdownHooks, options);
  const listener = await openListener(url, log, shutdownHooks, options);
  shutdownHooks.add('listener', () => listener.close());
  const blobs = await openBlobs(config, log, shutdownHooks, options.migrate);
  const locks = await createLocks(db, listener, {
    timeoutMs: config.lockTimeout,
    maxConcurrent: Math.max(1, config.databasePool - 2),
    onError: (error) => log.warn({ error }, 'a lock was not renewed or released; it ends with its lease'),
  });
  shutdownHooks.add('locks', () => locks.close());
  return { url, db, listener, blobs, locks };
}

async function openListener(
  url: string,
  log: Log,
  shutdownHooks: ShutdownHooks,
  { name }: DatabaseOptions,
): Promise<Listener> {
  try {
    return await createListener({
      url,
      applicationName: `${name} listener`,
      onError: shutdownHooks.unlessClosing((error) =>
        log.warn({ error }, 'lost the connection that listens to PostgreSQL'),
      ),
    });
  } catch (error) {
    throw new StartError(`cannot reach PostgreSQL to listen to it: ${explainPostgres(error)}`, {
      cause: error,
    });
  }
}
