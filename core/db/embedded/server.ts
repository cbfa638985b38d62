import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../../runtime/startup-error.ts';
import type { Binaries } from './binaries.ts';
import { findFreePort } from './free-port.ts';
import { type GuardedCommand, runGuarded } from './guardian.ts';
import { killServer, readPostmaster } from './postmaster.ts';
import type { OpenLog, ServerLog } from './server-log.ts';
import type { ServerUser } from './server-user.ts';

/** Options of a server. */
export interface ServerOptions {
  binaries: Binaries;
  account: ServerUser;
  /** Real path of the data folder. */
  data: string;
  log: ServerLog;
  settings: Record<string, string>;
  /** Port to listen on; a free one unless set. */
  port?: number;
}

/** Running PostgreSQL server. */
export interface Server {
  port: number;
  /** Resolves with the exit status when the server is gone. */
  ended: Promise<number>;
  stop(): Promise<void>;
}

const defaultSettings: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  max_connections: '200',
  shared_buffers: '128MB',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_checkpoints: 'off',
  log_timezone: 'UTC',
  TimeZone: 'UTC',
  jit: 'off',
  // Parallel queries need more shared memory than a container has by default, and the registry's are short.
  max_parallel_workers_per_gather: '0',
  // A plan for an empty table lasts until autovacuum has analyzed the table. Each round makes connections plan anew (ADR 75).
  autovacuum_naptime: '5s',
};

const maxAttempts = 5;
const recoveryTimeoutMs = 5 * 60_000;
const stopTimeoutMs = 60_000;

/**
 * Starts the server and waits until it is ready. The start is tried again where waiting or another port helps.
 * @throws {StartError} when the server ends or is not ready after 5 minutes
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const output = await options.log.open();
  try {
    for (let attempt = 1; ; attempt += 1) {
      const port = options.port ?? (await findFreePort());
      const guarded = launchServer(options, port, output);
      const status = await waitForStart(options.data, port, guarded);
      if (status === 'ready') return createServerHandle(options.data, port, guarded);
      const reason = await output.tail();
      if (attempt >= maxAttempts || !mayStartLater(reason)) {
        throw new StartError(`the embedded PostgreSQL did not start (${status}): ${reason}`);
      }
      await sleep(100 * attempt);
    }
  } finally {
    await output.close();
  }
}

function launchServer(options: ServerOptions, port: number, output: OpenLog): GuardedCommand {
  const sockets = { unix_socket_directories: fitsSocket(options.data, port) ? options.data : '' };
  const settings = { ...defaultSettings, ...sockets, ...options.settings, port: String(port) };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return runGuarded(
    options.account.launch(options.binaries.postgres, ['-D', options.data, ...args]),
    output.fd,
  );
}

/**
 * Longest path of a socket in bytes: the shortest limit of all systems (sun_path of macOS, its final NUL
 * included).
 */
const maxSocketPath = 104;

/** Tells whether a socket fits into a folder. PostgreSQL does not start with one that does not. */
export function fitsSocket(folder: string, port: number): boolean {
  return Buffer.byteLength(`${folder}/.s.PGSQL.${port}.lock`) < maxSocketPath && !/[,"]/.test(folder);
}

/**
 * Tells whether another attempt may succeed: the port was taken meanwhile, or the last server's children still
 * have its shared memory.
 */
function mayStartLater(reason: string): boolean {
  return /could not bind|could not create any TCP\/IP sockets|pre-existing shared memory/.test(reason);
}

async function waitForStart(data: string, port: number, guarded: GuardedCommand): Promise<'ready' | number> {
  let status: number | undefined;
  const ended = guarded.ended.then((value) => {
    status = value;
  });
  const deadline = Date.now() + recoveryTimeoutMs;
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

function createServerHandle(data: string, port: number, guarded: GuardedCommand): Server {
  guarded.unref();
  let gone = false;
  const onEnd = () => {
    gone = true;
  };
  guarded.ended.then(onEnd, onEnd);
  return {
    port,
    ended: guarded.ended,
    async stop() {
      if (gone) return;
      const timer = setTimeout(() => void killServer(data), stopTimeoutMs);
      guarded.interrupt();
      await guarded.ended;
      clearTimeout(timer);
    },
  };
}
