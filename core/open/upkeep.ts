import { resolve } from 'node:path';
import type { Closers } from '../closers.ts';
import type { Config } from '../config/settings.ts';
import { createListener } from '../db/listener.ts';
import { createLocks } from '../locks/locks.ts';
import type { Log } from '../log.ts';
import type { Upkeep } from '../upkeep/upkeep.ts';
import { openBlobs } from './blobs.ts';
import { openDatabase } from './database.ts';

/**
 * Opens what keeping the store in order needs: the database, the store and locks, but neither queue nor interface.
 * @param name of the process in PostgreSQL's list of connections
 * @throws {StartError} with a line for the operator
 */
export async function openUpkeep(config: Config, log: Log, closers: Closers, name: string): Promise<Upkeep> {
  const { url, db } = await openDatabase(config, log, closers, { migrate: false, name });
  const onLost = closers.whileOpen((error) => log.warn({ error }, 'lost the connection that listens'));
  const listener = await createListener({ url, applicationName: `${name} listener`, onError: onLost });
  closers.add('listener', () => listener.close());
  const abandoned = config.databaseUrl === '' ? 0 : undefined;
  const blobs = await openBlobs(config, log, closers, {
    folder: resolve(config.dataDir),
    abandoned,
    create: false,
  });
  const locks = await createLocks(db, listener, {
    timeout: config.lockTimeout,
    width: 1,
    onError: (error) => log.warn({ error }, 'a lock was not renewed or released; it ends with its lease'),
  });
  closers.add('locks', () => locks.close());
  return { db, blobs, locks, log };
}
