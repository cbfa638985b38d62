import { constants } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { FolderInUse, StartError } from '../../start-error.ts';

/** Held until `release`, or until the process is gone. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Makes this process the only one that uses a folder. What holds it dies with the process, so nothing is ever stale.
 * @throws {StartError} when another process has it, naming the folder
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  return process.platform === 'linux' ? lockOnLinux(folder) : lockFile(folder);
}

function inUse(folder: string): StartError {
  return new FolderInUse(
    `the data folder ${folder} is in use by another registry: stop that one, or give this one a DATA_DIR of its own`,
  );
}

/**
 * A socket in the abstract namespace is bound atomically and leaves no file. Containers have a namespace each but may
 * share the folder, so a socket inside the folder tells them too.
 */
async function lockOnLinux(folder: string): Promise<FolderLock> {
  const { dev, ino } = await stat(folder);
  // The name fills the address, because some releases of libuv pad a shorter one with zeroes and some do not.
  const first = await listen(`\0${`helm-registry:${dev}:${ino}:`.padEnd(107, '.')}`);
  if (first === 'taken') throw inUse(folder);
  const handle = await open(folder, constants.O_RDONLY);
  const release = async (second?: Server) => {
    if (second) await closeServer(second);
    await handle.close();
    await closeServer(first);
  };
  try {
    const second = await lockInside(folder, handle);
    return { release: () => release(second) };
  } catch (error) {
    await release();
    throw error;
  }
}

async function lockInside(folder: string, handle: FileHandle): Promise<Server | undefined> {
  // By descriptor, because a socket's path must be shorter than 108 bytes.
  const path = `/proc/self/fd/${handle.fd}/lock.sock`;
  if (await isAnswered(path)) throw inUse(folder);
  await rm(join(folder, 'lock.sock'), { force: true });
  try {
    const server = await listen(path);
    if (server === 'taken') throw inUse(folder);
    return server;
  } catch (error) {
    if (error instanceof StartError) throw error;
    // Some file systems have no sockets; then containers on one folder are not told apart.
    return undefined;
  }
}

function listen(path: string): Promise<Server | 'taken'> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve('taken');
      else reject(error);
    });
    server.listen(path, () => resolve(server));
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // A full backlog (EAGAIN) is a sign of life as well; only these two mean that nobody is there.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** open(2) on macOS and the BSDs takes a lock of flock(2) in the same step; Node has no name for the flag. */
async function lockFile(folder: string): Promise<FolderLock> {
  const exclusiveLock = 0x20;
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | exclusiveLock;
  try {
    const handle = await open(join(folder, 'lock'), flags, 0o600);
    return { release: () => handle.close() };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') throw inUse(folder);
    throw error;
  }
}
