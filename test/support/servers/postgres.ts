import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Binaries, findBinaries } from '../../../core/db/embedded/binaries.ts';
import { findFreePort } from '../../../core/db/embedded/free-port.ts';
import { ensureDataFolder, roleName } from '../../../core/db/embedded/init.ts';
import { createServerLog } from '../../../core/db/embedded/server-log.ts';
import { chooseServerUser } from '../../../core/db/embedded/server-user.ts';
import { createServerProgram, type ServerProgram } from './program.ts';

/** PostgreSQL server of a test. */
export interface TestPostgres extends ServerProgram {
  url: string;
  /** Ends the server and removes its data. */
  dispose(): Promise<void>;
}

/**
 * Starts a PostgreSQL for a test, on a fixed port. `end('SIGQUIT')` stops the server in immediate mode (as a crash would),
 * `end('SIGINT')` in fast mode, and `start()` starts it again on the same data.
 * @param own programs of another PostgreSQL than the one that comes with the installation
 */
export async function startPostgres(
  settings: Record<string, string> = {},
  own?: Binaries,
): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'helm-registry-postgres-'));
  const data = join(folder, 'postgres');
  const binaries = own ?? (await findBinaries());
  const account = await chooseServerUser(binaries, folder, data);
  const log = createServerLog(join(folder, 'postgres.log'));
  const password = await ensureDataFolder(binaries, account, folder, log);
  const port = await findFreePort();
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    port: String(port),
    ...settings,
  };
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { argv, ...ids } = account.launch(binaries.postgres, ['-D', data, ...options]);
  const [command = '', ...args] = argv;
  const server = createServerProgram({
    command,
    args,
    ...ids,
    port,
    ready: /database system is ready to accept connections/,
  });
  await server.start();
  return {
    ...server,
    url: `postgres://${roleName}:${password}@127.0.0.1:${port}/postgres`,
    async dispose() {
      await server.end('SIGQUIT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
