import { join } from 'node:path';
import { makeDataFolder } from '../runtime/data-folder.ts';
import { chooseAccount } from './embedded/account.ts';
import { findBinaries } from './embedded/binaries.ts';
import { lockFolder } from './embedded/folder-lock.ts';
import { ensureDataFolder, roleName } from './embedded/init.ts';
import { keepRunning } from './embedded/keep-running.ts';
import { stopLeftover } from './embedded/postmaster.ts';
import { holdsSocket, startServer } from './embedded/server.ts';
import { createServerLog } from './embedded/server-log.ts';

export interface EmbeddedOptions {
  /** Made if it is not there. Holds `postgres/` and `postgres.log`. */
  dataDir: string;
  log: { info(message: string): void; error(message: string): void };
  /** Settings over ours, as on PostgreSQL's command line; for tests and measurements. */
  settings?: Record<string, string>;
  /** Users to run as when we are root, the first that exists. */
  users?: readonly string[];
}

export interface EmbeddedPostgres {
  url: string;
  /** Resolves when the server is gone for good: it was stopped, or does not stay however often it is started again. */
  ended: Promise<void>;
  /** Shuts the server down and gives the folder free. Close the pools first: it ends their connections. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that comes with the installation, on a free port of 127.0.0.1 and with a password of its own.
 * It ends with this process, also when that is killed; a start after that takes over at once. One that ends by itself is
 * started again where it was.
 * @throws {StartError} when another process uses the folder, it cannot be written to, or the programs cannot run here
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const folder = await makeDataFolder(options.dataDir);
  const data = join(folder, 'postgres');
  const lock = await lockFolder(folder);
  try {
    const binaries = await findBinaries();
    const account = await chooseAccount(binaries, folder, data, options.users);
    const log = createServerLog(join(folder, 'postgres.log'));
    const password = await ensureDataFolder(binaries, account, folder, log);
    await stopLeftover(data);
    const server = { binaries, account, data, log, settings: options.settings ?? {} };
    const first = await startServer(server);
    const { port } = first;
    options.log.info(`PostgreSQL runs on 127.0.0.1:${port}`);
    const restart = async () => {
      await stopLeftover(data);
      return startServer({ ...server, port });
    };
    const kept = keepRunning(first, restart, options.log);
    return {
      url: addressOf(port, password, data),
      ended: kept.ended,
      stop: () => kept.stop().finally(lock.release),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** By the socket in its folder where there is one: what passes through it costs two thirds of what it does by TCP. */
function addressOf(port: number, password: string, data: string): string {
  const address = new URL(`postgres://${roleName}:${password}@127.0.0.1:${port}/postgres`);
  if (holdsSocket(data, port)) address.searchParams.set('host', data);
  return address.href;
}
