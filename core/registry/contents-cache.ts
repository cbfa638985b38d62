import { buffer } from 'node:stream/consumers';
import type { Digest } from '../blobs/port.ts';
import type { DigestedFile } from '../chart/contents/contents.ts';
import type { ArchiveContents } from '../chart/contents/read-contents.ts';
import type { ArchiveReads, LoadArchive } from '../chart-work/archive-reads.ts';
import { createByteCache } from '../runtime/byte-cache.ts';
import { type CacheMeter, createCacheMeter } from '../runtime/cache-meter.ts';
import { shareCalls } from '../runtime/share-calls.ts';
import type { BlobDeps } from './examine-blob.ts';
import { examineOnFailure } from './read-stored.ts';

/** Stored archive, and the space that reads it. */
export interface CachedArchive {
  space: string;
  digest: Digest;
  /** Bytes. */
  size: number;
}

/**
 * Cache of opened archives by digest; an archive never changes, so it is never stale. Each read is undefined for an
 * archive that no version has, and throws as the read in a thread does, or `blob.damaged`, `blob.missing`.
 */
export interface ContentsCache {
  /** Opens an archive, or returns it from memory. */
  open(archive: CachedArchive): Promise<ArchiveContents | undefined>;
  /** Reads a file of an opened archive. */
  readFile(
    archive: CachedArchive,
    contents: ArchiveContents,
    file: DigestedFile,
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Reads computed values with their origins, as JSON. */
  readOrigins(archive: CachedArchive): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** Dependencies of the cache. */
export type ContentsDeps = BlobDeps & {
  charts: Pick<ArchiveReads, 'readContents' | 'readContentsFile' | 'readOrigins'>;
};

/** Options of the cache. */
export interface ContentsCacheOptions {
  /** Bytes of all that is kept; 0 keeps nothing. */
  maxBytes: number;
  /** Checks before each read of the store that there is room in memory. */
  admit: () => void | Promise<void>;
  meter?: CacheMeter;
}

/** Largest bytes of files that are kept of one archive, as a share of the cache. */
const maxFileBytesShare = 1 / 4;

/** Estimated bytes of a listed file without its path. */
const listedFileBytes = 128;

/** Creates a cache of at most `maxBytes`. */
export function createContentsCache(
  deps: ContentsDeps,
  { maxBytes, admit, meter = createCacheMeter() }: ContentsCacheOptions,
): ContentsCache {
  const keepBytes = Math.floor(maxBytes * maxFileBytesShare);
  const opened = createByteCache<{ of: ArchiveContents | Uint8Array<ArrayBuffer> }>(maxBytes);
  meter.bytes = opened.size;
  const shareRead = shareCalls<string, ArchiveContents | Uint8Array<ArrayBuffer> | undefined>();

  /** Reads from the cache, or from the archive by a call that all who wait for the same share. */
  async function read<T extends ArchiveContents | Uint8Array<ArrayBuffer>>(
    { digest, size }: CachedArchive,
    part: string,
    is: (value: ArchiveContents | Uint8Array<ArrayBuffer>) => value is T,
    call: (load: LoadArchive) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const key = `${digest} ${part}`;
    const kept = opened.get(key)?.of;
    if (kept) meter.hits += 1;
    else meter.misses += 1;
    const found = kept ?? (await shareRead(key, () => readNew(key)));
    if (found !== undefined && !is(found))
      throw new Error(`the cache of archives has another kind at ${part}`);
    return found;

    async function readNew(newKey: string): Promise<T | undefined> {
      let isGone = false;
      const load = async () => {
        await admit();
        const stored = await deps.blobs.open(digest, undefined, size);
        isGone = stored === undefined;
        if (!stored) throw new Error(`the archive ${digest} is gone`);
        return buffer(stored);
      };
      try {
        const value = await examineOnFailure(deps, digest, () => call(load));
        if (value !== undefined) opened.set(newKey, { of: value }, memoryOf(value));
        return value;
      } catch (error) {
        if (isGone) return undefined;
        throw error;
      }
    }
  }

  return {
    open: (archive) =>
      read(archive, 'contents', isContents, (load) =>
        deps.charts.readContents(archive.space, load, keepBytes),
      ),
    async readFile(archive, { bytes }, { path, at, size }) {
      if (at !== undefined) return bytes.subarray(at, at + size);
      return read(archive, `file ${path}`, isBytes, (load) =>
        deps.charts.readContentsFile(archive.space, load, path),
      );
    },
    readOrigins: (archive) =>
      read(archive, 'origins', isBytes, (load) => deps.charts.readOrigins(archive.space, load)),
  };
}

function isBytes(value: ArchiveContents | Uint8Array<ArrayBuffer>): value is Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array;
}

function isContents(value: ArchiveContents | Uint8Array<ArrayBuffer>): value is ArchiveContents {
  return !isBytes(value);
}

function memoryOf(value: ArchiveContents | Uint8Array): number {
  if (value instanceof Uint8Array) return value.length;
  return value.files.paths.reduce(
    (sum, path) => sum + listedFileBytes + 2 * path.length,
    value.bytes.length + listedFileBytes,
  );
}
