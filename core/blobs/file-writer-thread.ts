import { closeSync, fsync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { parentPort } from 'node:worker_threads';
import { digestOf } from './content.ts';
import { makeWay } from './make-way.ts';
import type { Digest } from './port.ts';

/** Request to the thread: writes `bytes` to `draft` and renames it to `path` once it is on disk. */
export interface WriteRequest {
  id: number;
  bytes: Uint8Array;
  digest: Digest;
  /** Path of the file while it is incomplete. */
  draft: string;
  path: string;
}

/** Answer of the thread to one request; `error` when the write failed. */
export interface WriteAnswer {
  id: number;
  error?: { message: string; code: string | undefined };
}

const sync = promisify(fsync);

parentPort?.on('message', (request: WriteRequest) => {
  void storeBytes(request).then(
    () => parentPort?.postMessage({ id: request.id } satisfies WriteAnswer),
    (error: unknown) =>
      parentPort?.postMessage({ id: request.id, error: describeError(error) } satisfies WriteAnswer),
  );
});

/**
 * Stores the bytes. Only the syncs are asynchronous, so that other requests go on meanwhile; the other calls
 * take less time than passing them to a pool thread.
 */
async function storeBytes({ bytes, digest, draft, path }: WriteRequest): Promise<void> {
  if (digestOf(bytes) !== digest) throw new Error(`content for ${digest} does not match its digest`);
  try {
    await withFile(draft, 'wx', (file) => writeFileSync(file, bytes));
    await move(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  await withFile(dirname(path), 'r');
}

/** Opens, uses and syncs a file or folder. */
async function withFile(path: string, flags: string, use?: (file: number) => void): Promise<void> {
  const file = openSync(path, flags, 0o600);
  try {
    use?.(file);
    await sync(file);
  } finally {
    closeSync(file);
  }
}

async function move(draft: string, path: string): Promise<void> {
  try {
    renameSync(draft, path);
  } catch (error) {
    await makeWay(path, error);
    renameSync(draft, path);
  }
}

function describeError(error: unknown): Required<WriteAnswer>['error'] {
  if (!(error instanceof Error)) return { message: String(error), code: undefined };
  return { message: error.message, code: 'code' in error ? String(error.code) : undefined };
}
