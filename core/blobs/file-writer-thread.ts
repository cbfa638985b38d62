import { closeSync, fsync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { parentPort } from 'node:worker_threads';
import { clearBlobPath } from './clear-blob-path.ts';
import { digestOf } from './content.ts';
import type { Digest } from './port.ts';

/** File to be written: `bytes` go to `draft`, which is renamed to `path` once it is on disk. */
export interface WriteRequest {
  bytes: Uint8Array;
  /** Digest to compare with that of the bytes; undefined where it was computed of them already. */
  digest: Digest | undefined;
  /** Path of the file while it is incomplete. */
  draft: string;
  path: string;
}

/** Answer of the thread for one file; `error` when the write failed. */
export interface WriteAnswer {
  error?: { message: string; code: string | undefined };
}

/** Syncs an open file or folder. */
type Sync = (file: number) => Promise<void> | void;

const fsyncInPool: Sync = promisify(fsync);

parentPort?.on('message', async (files: WriteRequest[]) => {
  parentPort?.postMessage(await storeAll(files));
});
parentPort?.postMessage('ready');

/**
 * Stores a set of files: all are synced at the same time, then each folder that has got some of them once. A file that
 * came alone is synced in this thread, since there is nothing else to do meanwhile.
 */
async function storeAll(files: readonly WriteRequest[]): Promise<WriteAnswer[]> {
  const sync = files.length === 1 ? fsyncSync : fsyncInPool;
  const moved = await Promise.all(files.map((file) => toWriteAnswer(storeFile(file, sync))));
  const syncing = new Map<string, Promise<WriteAnswer>>();
  for (const [index, { path }] of files.entries()) {
    const folder = dirname(path);
    if (!moved[index]?.error && !syncing.has(folder))
      syncing.set(folder, toWriteAnswer(useAndSyncFile(folder, 'r', sync)));
  }
  return Promise.all(
    files.map(async ({ path }, index) => {
      const failed = moved[index]?.error;
      return failed ? { error: failed } : ((await syncing.get(dirname(path))) ?? {});
    }),
  );
}

/**
 * Writes a file and gives it its name. Only the syncs may be asynchronous, so that other files go on meanwhile. The
 * other calls take less time than a pool thread would.
 */
async function storeFile({ bytes, digest, draft, path }: WriteRequest, sync: Sync): Promise<void> {
  if (digest !== undefined && digestOf(bytes) !== digest)
    throw new Error(`content for ${digest} does not match its digest`);
  try {
    await useAndSyncFile(draft, 'w', sync, (file) => writeFileSync(file, bytes));
    await moveDraft(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Opens, uses and syncs a file or folder. */
async function useAndSyncFile(
  path: string,
  flags: string,
  sync: Sync,
  use?: (file: number) => void,
): Promise<void> {
  const file = openSync(path, flags, 0o600);
  try {
    use?.(file);
    await sync(file);
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
