import { randomBytes } from 'node:crypto';
import { constants, fstatSync, readFileSync, statSync } from 'node:fs';
import { access, type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { syncFolder } from '../runtime/sync-folder.ts';
import { errorCode } from '../runtime/transient-errors.ts';
import { clearBlobPath, isFolderError, setFolderAside } from './clear-blob-path.ts';
import { isDigest } from './content.ts';
import { DamagedBlob } from './damaged-blob.ts';
import { prepareDraftFolder } from './drafts.ts';
import { createFileWriterThread } from './file-writer.ts';
import { isMissingFolderError } from './make-folder.ts';
import type { BlobStore, ByteRange, Content, Digest, StoredBlob } from './port.ts';
import { streamVerified } from './verify.ts';

/** Options of the store on a filesystem. */
export interface FilesystemOptions {
  /** Milliseconds after which a draft counts as left behind by a crash; default 1 hour. */
  abandonedAfterMs?: number | undefined;
  /** Puts before the writer thread is used; default 20. A process with few puts needs no thread. */
  beforeThread?: number;
}

/** Largest blob, in bytes, that the writer thread writes. */
const maxThreadWriteBytes = 1024 * 1024;

/** Largest blob, in bytes, that is read synchronously where its size is known: a disk delivers it in one piece. */
const maxSyncReadBytes = 32 * 1024;

/**
 * Creates a blob store of files, `<root>/sha256/ab/<hex>`. A file gets its name once it is complete and on disk. So a
 * file that exists can be trusted, also after a power cut.
 * @param root folder, made if missing; any number of processes may share it
 */
export async function createFilesystemBlobs(
  root: string,
  { abandonedAfterMs, beforeThread = 20 }: FilesystemOptions = {},
): Promise<BlobStore> {
  const writer = createFileWriterThread();
  let puts = 0;
  const temporary = join(root, 'tmp');
  await prepareDraftFolder(temporary, abandonedAfterMs);

  const pathOf = (digest: Digest): string => {
    if (!isDigest(digest)) throw new Error(`not a digest: ${digest}`);
    const hex = digest.slice('sha256:'.length);
    return join(root, 'sha256', hex.slice(0, 2), hex);
  };

  return {
    async put(content, { replace = false } = {}) {
      const path = pathOf(content.digest);
      // Sync the folder here too: another process's rename may not be on disk yet.
      if (!replace && fileSizeOf(path) === content.size) return syncFolder(dirname(path));
      const draft = join(temporary, randomBytes(12).toString('hex'));
      const { bytes, digest } = content;
      puts += 1;
      const isSmall = bytes && bytes.length <= maxThreadWriteBytes && bytes.length === content.size;
      try {
        const unchecked = content.computed === digest ? undefined : digest;
        if (isSmall && puts > beforeThread)
          return await writer.write({ bytes, digest: unchecked, draft, path });
        await writeDurably(draft, content);
        await moveDraftTo(path, draft);
      } catch (error) {
        await rm(draft, { force: true });
        throw isMissingFolderError(error) ? storeGoneError(error) : error;
      }
      await syncFolder(dirname(path));
    },
    async open(digest, range, size) {
      if (!range && size !== undefined && size <= maxSyncReadBytes)
        return readSmallBlob(pathOf(digest), digest, size);
      const handle = await openIfExists(pathOf(digest));
      if (!handle) return undefined;
      const found = size === undefined ? size : fstatSync(handle.fd).size;
      if (found === size) return openRange(handle, range);
      await handle.close();
      throw new DamagedBlob(digest, `it has ${found} bytes instead of ${size}`);
    },
    async stat(digest) {
      const size = fileSizeOf(pathOf(digest));
      return size === undefined ? undefined : { size };
    },
    list: () => listStoredBlobs(join(root, 'sha256')),
    async delete(digest) {
      const path = pathOf(digest);
      await rm(path, { force: true }).catch((error: unknown) => {
        if (!isFolderError(error)) throw error;
        return setFolderAside(path);
      });
    },
    async ping() {
      await access(temporary, constants.W_OK | constants.X_OK).catch((error: unknown) => {
        throw isMissingFolderError(error) ? storeGoneError(error) : error;
      });
    },
    close: () => writer.close(),
  };
}

/**
 * Makes the error for a missing folder: it exists from the start on, so an unmounted one must not look like an
 * empty store.
 */
function storeGoneError(cause: unknown): Error {
  return Object.assign(new Error('the folder of blobs is not there', { cause }), { code: 'STORE_GONE' });
}

function openRange(handle: FileHandle, range: ByteRange | undefined): Readable {
  return handle.createReadStream(range ? { start: range.first, end: range.last } : {});
}

async function writeDurably(path: string, content: Content): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of streamVerified(content)) await handle.appendFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function moveDraftTo(path: string, draft: string): Promise<void> {
  try {
    await rename(draft, path);
  } catch (error) {
    // There are 256 folders at most, so nearly always it is there.
    await clearBlobPath(path, error);
    await rename(draft, path);
  }
}

async function* listStoredBlobs(root: string): AsyncGenerator<StoredBlob> {
  for (const folder of (await readdir(root).catch(undefinedIfMissing)) ?? []) {
    for (const hex of await readdir(join(root, folder))) {
      const digest = `sha256:${hex}`;
      const found = isDigest(digest) && (await stat(join(root, folder, hex)).catch(undefinedIfMissing));
      if (found) yield { digest, size: found.size, storedAt: found.mtime };
    }
  }
}

/**
 * Reads a small blob synchronously. A stream of the file goes to a pool thread four times, which costs ten times as much.
 */
function readSmallBlob(path: string, digest: Digest, size: number): Readable | undefined {
  const found = fileSizeOf(path);
  if (found === undefined) return undefined;
  if (found !== size) throw new DamagedBlob(digest, `it has ${found} bytes instead of ${size}`);
  try {
    return Readable.from(readFileSync(path), { objectMode: false });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function openIfExists(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch(undefinedIfMissing);
}

/** Reads the size synchronously: the kernel has it in memory, and a pool thread costs more than the call. */
function fileSizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
