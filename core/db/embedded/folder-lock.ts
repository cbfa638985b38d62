import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderInUseError, StartError } from '../../runtime/startup-error.ts';

/** Lock on a folder, until `release` or the end of the process. */
export interface FolderLock {
  release(): Promise<void>;
}

/** Name of the lock file in the folder; it stays there, empty, when nobody has the lock. */
const lockFile = 'lock';

/**
 * Locks a folder for this process alone, by flock(2). The locked file in it has mode 0600 (ADR 33). The kernel ties
 * the lock to the open file: it ends with the process, however that ends, so no lock is ever stale. Containers that
 * share the folder share the lock. Only the owner of the folder can open the file, and so lock it.
 * @throws {StartError} when another process has the lock, or the folder cannot be locked; the message names the
 *   folder
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const handle = await openLockFile(folder);
  try {
    // On other systems open(2) has acquired the lock already.
    if (process.platform === 'linux') await acquireLock(handle, folder);
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
    if (code === 'EAGAIN') throw folderInUseError(folder);
    throw new StartError(
      `cannot open ${join(folder, lockFile)} (${code}): the data folder and all in it must belong to the user who starts the registry`,
      { cause: error },
    );
  }
}

/**
 * Locks the file by flock(1), since Node has no flock(2). The lock belongs to the open file, which the two
 * processes share.
 */
async function acquireLock(handle: FileHandle, folder: string): Promise<void> {
  const { status, output } = await runFlock(handle.fd);
  if (status === 0) return;
  if (status === 1 && output === '') throw folderInUseError(folder);
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

function folderInUseError(folder: string): StartError {
  return new FolderInUseError(
    `the data folder ${folder} is in use by another registry: stop that one, or give this one a DATA_DIR of its own`,
  );
}
