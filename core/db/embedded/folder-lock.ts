import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderInUse, StartError } from '../../runtime/startup-error.ts';

/** Held until `release`, or until the process is gone. */
export interface FolderLock {
  release(): Promise<void>;
}

/** Name of the file in the folder; it stays, empty, and means nothing by itself. */
const lockFile = 'lock';

/**
 * Locks a folder for this process alone, by flock(2) on a file of mode 0600 in it (ADR 33).
 * The kernel holds the lock for the open file: it ends with the process, however that ends, so nothing is ever stale,
 * and containers that share the folder share the lock. Only the owner of the folder can open the file, and so take it.
 * @throws {StartError} when another process has it, naming the folder, or when no lock can be had there
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const handle = await openLockFile(folder);
  try {
    // Elsewhere open(2) has taken the lock in the same step.
    if (process.platform === 'linux') await takeLock(handle, folder);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return { release: () => handle.close() };
}

async function openLockFile(folder: string): Promise<FileHandle> {
  // O_EXLOCK of macOS and the BSDs, for which Node has no name.
  const exclusiveLock = process.platform === 'linux' ? 0 : 0x20 | constants.O_NONBLOCK;
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | exclusiveLock;
  try {
    return await open(join(folder, lockFile), flags, 0o600);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed';
    if (code === 'EAGAIN') throw inUse(folder);
    throw new StartError(
      `cannot open ${join(folder, lockFile)} (${code}): the data folder and all in it must belong to the user who starts the registry`,
      { cause: error },
    );
  }
}

/** Node has no flock(2), so flock(1) takes the lock for us: it belongs to the open file, which the two processes share. */
async function takeLock(handle: FileHandle, folder: string): Promise<void> {
  const { status, output } = await runFlock(handle.fd);
  if (status === 0) return;
  if (status === 1 && output === '') throw inUse(folder);
  throw new StartError(`cannot lock the data folder ${folder}: ${output || `flock ended with ${status}`}`);
}

function runFlock(fd: number): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['-x', '-n', '3'], { stdio: ['ignore', 'ignore', 'pipe', fd] });
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once('error', (error) =>
      reject(
        new StartError(
          'the embedded PostgreSQL needs the program flock (of util-linux, or busybox): install it, or set DATABASE_URL to a PostgreSQL of your own',
          { cause: error },
        ),
      ),
    );
    child.once('close', (status) => resolve({ status, output: output.trim() }));
  });
}

function inUse(folder: string): StartError {
  return new FolderInUse(
    `the data folder ${folder} is in use by another registry: stop that one, or give this one a DATA_DIR of its own`,
  );
}
