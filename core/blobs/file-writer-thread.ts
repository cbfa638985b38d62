import { closeSync, fsync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { parentPort } from 'node:worker_threads';
import { clearBlobPath } from './clear-blob-path.ts';
import { digestOf } from './content.ts';
import type { Digest } from './port.ts';

/** File to be written: `bytes` go to `draft`, which is renamed to `path` once it is on disk. */
export interface WriteRequest {
  bytes: Uint8Array;
  digest: Digest;
  /** Path of the file while it is incomplete. */
  draft: string;
  path: string;
}

/** Answer of the thread for one file; `error` when the write failed. */
export interface WriteAnswer {
  error?: { message: string; code: string | undefined };
}

const fsyncAsync = promisify(fsync);

parentPort?.on('message', async (files: WriteRequest[]) => {
  parentPort?.postMessage(await storeAll(files));
});
parentPort?.postMessage('ready');

/** Stores a set of files: all are synced at the same time, then each folder that has got some of them once. */
async function storeAll(files: readonly WriteRequest[]): Promise<WriteAnswer[]> {
  const moved = await Promise.all(files.map((file) => toWriteAnswer(storeFile(file))));
  const syncing = new Map<string, Promise<WriteAnswer>>();
  for (const [index, { path }] of files.entries()) {
    const folder = dirname(path);
    if (!moved[index]?.error && !syncing.has(folder))
      syncing.set(folder, toWriteAnswer(useAndSyncFile(folder, 'r')));
  }
  return Promise.all(
    files.map(async ({ path }, index) => {
      const failed = moved[index]?.error;
      return failed ? { error: failed } : ((await syncing.get(dirname(path))) ?? {});
    }),
  );
}

/**
 * Writes a file and gives it its name. Only the syncs are asynchronous, so that other files go on meanwhile; the
 * other calls take less time than passing them to a pool thread.
 */
async function storeFile({ bytes, digest, draft, path }: WriteRequest): Promise<void> {
  if (digestOf(bytes) !== digest) throw new Error(`content for ${digest} does not match its digest`);
  try {
    await useAndSyncFile(draft, 'w', (file) => writeFileSync(file, bytes));
    await moveDraft(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Opens, uses and syncs a file or folder. */
async function useAndSyncFile(path: string, flags: string, use?: (file: number) => void): Promise<void> {
  const file = openSync(path, flags, 0o600);
  try {
    use?.(file);
    await fsyncAsync(file);
  } finally {
    closeSync(file);
  }
}

async function moveDraft(draft: string, path: string): Promise<void> {
  try {
    renameSync(draft, path);
  } catch (error) {
    await clearBlobPath(path, error);
    renameSync(draft, path);
  }
}

/** Makes errors values, so that a file that fails does not hinder the others. */
async function toWriteAnswer(work: Promise<void>): Promise<WriteAnswer> {
  try {
    await work;
    return {};
  } catch (error) {
    if (!(error instanceof Error)) return { error: { message: String(error), code: undefined } };
    return { error: { message: error.message, code: 'code' in error ? String(error.code) : undefined } };
  }
}
