import { randomBytes } from 'node:crypto';
import { constants, fstatSync, statSync } from 'node:fs';
import { access, type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { syncFolder } from '../runtime/sync-folder.ts';
import { isDigest } from './content.ts';
import { DamagedBlob } from './damaged-blob.ts';
import { prepareDraftFolder } from './drafts.ts';
import { createFileWriterThread } from './file-writer.ts';
import { lacksFolder } from './make-folder.ts';
import { isFolderError, makeWay, setFolderAside } from './make-way.ts';
import type { BlobStore, ByteRange, Content, Digest, StoredBlob } from './port.ts';
import { verifying } from './verify.ts';

export interface FilesystemOptions {
  /** Milliseconds after which a half-written file is taken for what a crash left; an hour unless set. */
  abandonedAfter?: number | undefined;
  /** Blobs that are put before there is a thread for them; who puts few has no use for one. 20 unless set. */
  beforeThread?: number;
}

/** Bytes of blobs that are handed to a thread whole. */
const maxInThread = 1024 * 1024;

/**
 * Blobs as files, `<root>/sha256/ab/<hex>`. A file gets its name by a rename once it is whole and on disk, so a name
 * that exists can be trusted, also after a power cut.
 * @param root made if it is not there; any number of processes may share it
 */
export async function createFilesystemBlobs(
  root: string,
  { abandonedAfter, beforeThread = 20 }: FilesystemOptions = {},
): Promise<BlobStore> {
  const thread = createFileWriterThread();
  let puts = 0;
  const temporary = join(root, 'tmp');
  await prepareDraftFolder(temporary, abandonedAfter);

  const pathOf = (digest: Digest): string => {
    if (!isDigest(digest)) throw new Error(`not a digest: ${digest}`);
    const hex = digest.slice('sha256:'.length);
    return join(root, 'sha256', hex.slice(0, 2), hex);
  };

  return {
    async put(content, { replace = false } = {}) {
      const path = pathOf(content.digest);
      // Somebody else's rename may have happened and not be on disk yet, so the folder is synced in this case too.
      if (!replace && sizeOf(path) === content.size) return syncFolder(dirname(path));
      const draft = join(temporary, randomBytes(12).toString('hex'));
      const { bytes, digest } = content;
      puts += 1;
      const isSmall = bytes && bytes.length <= maxInThread && bytes.length === content.size;
      try {
        if (isSmall && puts > beforeThread) return await thread.write({ bytes, digest, draft, path });
        await writeDurably(draft, content);
        await moveTo(path, draft);
      } catch (error) {
        await rm(draft, { force: true });
        throw lacksFolder(error) ? storeGone(error) : error;
      }
      await syncFolder(dirname(path));
    },
    async open(digest, range, size) {
      const handle = await openIfThere(pathOf(digest));
      if (!handle) return undefined;
      const found = size === undefined ? size : fstatSync(handle.fd).size;
      if (found === size) return openRange(handle, range);
      await handle.close();
      throw new DamagedBlob(digest, `it has ${found} bytes instead of ${size}`);
    },
    async stat(digest) {
      const size = sizeOf(pathOf(digest));
      return size === undefined ? undefined : { size };
    },
    list: () => listFolders(join(root, 'sha256')),
    async delete(digest) {
      const path = pathOf(digest);
      await rm(path, { force: true }).catch((error: unknown) => {
        if (!isFolderError(error)) throw error;
        return setFolderAside(path);
      });
    },
    async ping() {
      await access(temporary, constants.W_OK | constants.X_OK).catch((error: unknown) => {
        throw lacksFolder(error) ? storeGone(error) : error;
      });
    },
    close: () => thread.close(),
  };
}

/** The folder is there from the start on: one that is not mounted any more must not pass for one without blobs. */
function storeGone(cause: unknown): Error {
  return Object.assign(new Error('the folder of blobs is not there', { cause }), { code: 'STORE_GONE' });
}

function openRange(handle: FileHandle, range: ByteRange | undefined): Readable {
  return handle.createReadStream(range ? { start: range.first, end: range.last } : {});
}

async function writeDurably(path: string, content: Content): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of verifying(content)) await handle.appendFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function moveTo(path: string, draft: string): Promise<void> {
  try {
    await rename(draft, path);
  } catch (error) {
    // There are 256 folders at most, so nearly always it is there.
    await makeWay(path, error);
    await rename(draft, path);
  }
}

async function* listFolders(root: string): AsyncGenerator<StoredBlob> {
  for (const folder of (await readdir(root).catch(undefinedIfMissing)) ?? []) {
    for (const hex of await readdir(join(root, folder))) {
      const digest = `sha256:${hex}`;
      const found = isDigest(digest) && (await stat(join(root, folder, hex)).catch(undefinedIfMissing));
      if (found) yield { digest, size: found.size, storedAt: found.mtime };
    }
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch(undefinedIfMissing);
}

/** Asked where it is: the kernel has the answer in memory, and handing the question to another thread costs more than it. */
function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
