import { join } from 'node:path';
import { makeDataFolder } from '../runtime/data-folder.ts';
import { lacksBytes } from '../runtime/free-space.ts';
import { findBinaries } from './embedded/binaries.ts';
import { lockFolder } from './embedded/folder-lock.ts';
import { ensureDataFolder, roleName } from './embedded/init.ts';
import { keepRunning } from './embedded/keep-running.ts';
import { stopLeftover } from './embedded/postmaster.ts';
import { fitsSocket, startServer } from './embedded/server.ts';
import { createServerLog } from './embedded/server-log.ts';
import { chooseServerUser } from './embedded/server-user.ts';

/** Bytes that a restart may write: two segments of its log. */
const restartBytes = 32 * 1024 * 1024;

/** Options of the embedded PostgreSQL. */
export interface EmbeddedOptions {
  /** Data folder, made if missing; has `postgres/` and `postgres.log`. */
  dataDir: string;
  log: { info(message: string): void; error(message: string): void };
  /** Settings of PostgreSQL that override the registry's; for tests and measurements. */
  settings?: Record<string, string>;
  /** Users to run as when this process is root; the first that exists is used. */
  users?: readonly string[];
}

/** Running embedded PostgreSQL. */
export interface EmbeddedPostgres {
  url: string;
  /** Resolves when the server is gone for good: stopped, or ended again after every restart. */
  ended: Promise<void>;
  /**
   * Shuts the server down and releases the folder. Close the pools first, because the shutdown ends their
   * connections.
   */
  stop(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL on a free port of 127.0.0.1, with a generated password. The server ends with
 * this process, also when that is killed; the next start takes over without delay. A server that ends by itself
 * is restarted on its port.
 * @throws {StartError} when another process uses the folder, it cannot be written to, or the programs cannot
 *   run here
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const folder = await makeDataFolder(options.dataDir);
  const data = join(folder, 'postgres');
  const lock = await lockFolder(folder);
  try {
    const binaries = await findBinaries();
    const account = await chooseServerUser(binaries, folder, data, options.users);
    const log = createServerLog(join(folder, 'postgres.log'));
    const password = await ensureDataFolder(binaries, account, folder, log);
    await stopLeftover(data);
    const server = { binaries, account, data, log, settings: options.settings ?? {} };
    const firstServer = await startServer(server);
    const { port } = firstServer;
    options.log.info(`PostgreSQL runs on 127.0.0.1:${port}`);
    const restart = async () => {
      await stopLeftover(data);
      return startServer({ ...server, port });
    };
    const running = keepRunning(firstServer, {
      restart,
      lacksRoom: () => lacksBytes(data, restartBytes),
      log: options.log,
    });
    return {
      url: databaseUrl(port, password, data),
      ended: running.ended,
      stop: () => running.stop().finally(lock.release),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Makes the URL, with the folder's socket where one fits: a socket costs two thirds of TCP. */
function databaseUrl(port: number, password: string, data: string): string {
  const address = new URL(`postgres://${roleName}:${password}@127.0.0.1:${port}/postgres`);
  if (fitsSocket(data, port)) address.searchParams.set('host', data);
  return address.href;
}
