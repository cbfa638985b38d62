import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../../runtime/startup-error.ts';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { findFreePort } from './free-port.ts';
import { type Guarded, runGuarded } from './guardian.ts';
import { killServer, readPostmaster } from './postmaster.ts';
import type { OpenLog, ServerLog } from './server-log.ts';

export interface ServerOptions {
  binaries: Binaries;
  account: Account;
  /** The data folder, by its real path. */
  data: string;
  log: ServerLog;
  settings: Record<string, string>;
  /** The one that it must listen on; a free one unless set. */
  port?: number;
}

export interface Server {
  port: number;
  /** The exit status, when the server is gone. */
  ended: Promise<number>;
  stop(): Promise<void>;
}

const ourSettings: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  max_connections: '200',
  shared_buffers: '128MB',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_checkpoints: 'off',
  log_timezone: 'UTC',
  TimeZone: 'UTC',
  jit: 'off',
  // Parallel queries need more shared memory than a container has by default, and ours are short.
  max_parallel_workers_per_gather: '0',
  // A plan that was made for an empty table lasts until somebody has counted what is in it.
  autovacuum_naptime: '2s',
};

const attempts = 5;
const recoveryLimit = 5 * 60_000;
const stopLimit = 60_000;

/** Starts the server and waits until it answers; tries again where waiting or another port helps. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const output = await options.log.open();
  try {
    for (let attempt = 1; ; attempt += 1) {
      const port = options.port ?? (await findFreePort());
      const guarded = launchServer(options, port, output);
      const status = await waitUntilReady(options.data, port, guarded);
      if (status === 'ready') return control(options.data, port, guarded);
      const reason = await output.tail();
      if (attempt >= attempts || !isPassing(reason)) {
        throw new StartError(`the embedded PostgreSQL did not start (${status}): ${reason}`);
      }
      await sleep(100 * attempt);
    }
  } finally {
    await output.close();
  }
}

function launchServer(options: ServerOptions, port: number, output: OpenLog): Guarded {
  const sockets = { unix_socket_directories: holdsSocket(options.data, port) ? options.data : '' };
  const settings = { ...ourSettings, ...sockets, ...options.settings, port: String(port) };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return runGuarded(
    options.account.launch(options.binaries.postgres, ['-D', options.data, ...args]),
    output.fd,
  );
}

/** Bytes of a socket's path at most, by the system that has the shortest (sun_path of macOS, its final NUL included). */
const longestPath = 104;

/** Whether a socket fits into a folder; PostgreSQL does not start with one that does not. */
export function holdsSocket(folder: string, port: number): boolean {
  return Buffer.byteLength(`${folder}/.s.PGSQL.${port}.lock`) < longestPath && !/[,"]/.test(folder);
}

/** The port was taken since we looked, or the last server's children hold its memory for another moment. */
function isPassing(reason: string): boolean {
  return /could not bind|could not create any TCP\/IP sockets|pre-existing shared memory/.test(reason);
}

async function waitUntilReady(data: string, port: number, guarded: Guarded): Promise<'ready' | number> {
  let status: number | undefined;
  const ended = guarded.ended.then((value) => {
    status = value;
  });
  const deadline = Date.now() + recoveryLimit;
  for (;;) {
    const postmaster = await readPostmaster(data);
    if (status !== undefined) return status;
    if (postmaster?.port === port && postmaster.status === 'ready') return 'ready';
    if (Date.now() > deadline) {
      guarded.interrupt();
      throw new StartError('the embedded PostgreSQL is not ready after 5 minutes; see postgres.log');
    }
    await Promise.race([ended, sleep(10)]);
  }
}

function control(data: string, port: number, guarded: Guarded): Server {
  guarded.unref();
  let gone = false;
  const noteEnd = () => {
    gone = true;
  };
  guarded.ended.then(noteEnd, noteEnd);
  return {
    port,
    ended: guarded.ended,
    async stop() {
      if (gone) return;
      const timer = setTimeout(() => void killServer(data), stopLimit);
      guarded.interrupt();
      await guarded.ended;
      clearTimeout(timer);
    },
  };
}
