import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartError } from '../../runtime/startup-error.ts';

/** Entries of postmaster.pid, which a running server writes (PostgreSQL's miscadmin.h, LOCK_FILE_LINE_*). */
export interface Postmaster {
  pid: number;
  port: number | undefined;
  /** `starting`, `ready`, `standby` or `stopping`; empty before the server has written it. */
  status: string;
}

const stopTimeoutMs = 60_000;

/** Reads postmaster.pid; undefined when no server has written one. */
export async function readPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const port = Number(lines[3]);
  return { pid, port: port > 0 ? port : undefined, status: (lines[7] ?? '').trim() };
}

/**
 * Stops a server that a killed process left running. Files of the server in the folder are removed. The caller has
 * the folder's lock, so no other process starts a server meanwhile.
 */
export async function stopLeftover(data: string): Promise<void> {
  const leftover = await readPostmaster(data);
  if (leftover !== undefined) await stopServer(leftover, data);
  for (const name of await readdir(data)) {
    if (name.startsWith('.s.PGSQL.')) await rm(join(data, name), { force: true });
  }
}

async function stopServer(leftover: Postmaster, data: string): Promise<void> {
  const deadline = Date.now() + stopTimeoutMs;
  let interrupted = false;
  while (await isServerOf(leftover.pid, data)) {
    if (!interrupted) signal(leftover.pid, 'SIGINT');
    interrupted = true;
    if (Date.now() > deadline) {
      throw new StartError(
        `an earlier PostgreSQL (process ${leftover.pid}) does not stop: end it, then start again`,
      );
    }
    await sleep(20);
  }
  // After a reboot the process id may be another program's, and PostgreSQL would refuse to start.
  await rm(join(data, 'postmaster.pid'), { force: true });
}

/** Kills a server that does not stop in time. A killed server recovers from its log at the next start. */
export async function killServer(data: string): Promise<void> {
  const server = await readPostmaster(data);
  if (server && (await isServerOf(server.pid, data))) signal(server.pid, 'SIGQUIT');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // The process ended before the signal came.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Tells whether a process is PostgreSQL's server on this folder, and not another one with its former id. */
async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (process.platform !== 'linux') return isServerByCommand(pid, data);
  // The working folder of a server is its data folder, whatever the folder was called when it started.
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (folder !== undefined) return folder === data && (await commandOf(pid)).includes('postgres');
  return (await commandOf(pid)).includes(data);
}

/** Reads the command line; empty for a process that is gone or a zombie. */
async function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

async function isServerByCommand(pid: number, data: string): Promise<boolean> {
  const run = promisify(execFile);
  return run('ps', ['-p', String(pid), '-o', 'command=']).then(
    ({ stdout }) => stdout.includes('postgres') && stdout.includes(data),
    () => false,
  );
}
