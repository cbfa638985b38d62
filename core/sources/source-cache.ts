import { buffer } from 'node:stream/consumers';
import { memoryOfPieces } from '../archive/assembly/index.ts';
import type { Digest } from '../blobs/port.ts';
import type { PreparedCharts } from '../chart/prepare.ts';
import { createByteCache } from '../runtime/byte-cache.ts';
import { shareCalls } from '../runtime/share-calls.ts';
import { maxEntries } from '../yaml/edit/edit-cache.ts';
import { isLargeSource, type LoadedSource, unpackedSizeOf } from './large-sources.ts';
import type { Preparer } from './preparer.ts';
import { decodeForm } from './source-form.ts';
import { loadForm, type StoredFormDeps, storeForm } from './stored-forms.ts';

/** Cache of prepared sources by the digest of their archive. Sources never change, so all jobs share them. */
export interface SourceCache {
  /**
   * Loads a source from the cache, or its prepared form from the store. Where there is no such form, the archive is
   * prepared and the form stored.
   * @throws when the archive is missing or cannot be read
   */
  load(digest: Digest): Promise<LoadedSource>;
}

/**
 * Creates a cache of sources that evicts the least recently used.
 * @param capacity approximate bytes of memory
 */
export function createSourceCache(deps: StoredFormDeps, preparer: Preparer, capacity: number): SourceCache {
  const cache = createByteCache<LoadedSource>(capacity);
  const shareRead = shareCalls<Digest, LoadedSource>();

  async function read(digest: Digest): Promise<LoadedSource> {
    const source = (await loadForm(deps, digest)) ?? (await prepare(digest));
    cache.set(digest, source, memoryOf(source));
    return source;
  }

  async function prepare(digest: Digest): Promise<LoadedSource> {
    const bytes = await deps.blobs.open(digest);
    if (!bytes) throw new Error(`the bytes of source ${digest} are missing`);
    const prepared = await preparer.prepare(await buffer(bytes));
    if ('source' in prepared) return prepared.source;
    await storeForm(deps, digest, prepared.form);
    return decodeForm(prepared.form);
  }

  return {
    load: async (digest) => cache.get(digest) ?? shareRead(digest, () => read(digest)),
  };
}

/** Estimated bytes of memory of a large source: its size and the entry in the cache. */
const largeSourceMemory = 128;

/** Bytes of memory for values and key positions per byte of YAML, measured on public charts. */
const memoryPerYamlByte = 4;

/** Estimates the bytes of memory of a source. Counted are files, deflated pieces, and parsed YAML. */
export function memoryOf(source: LoadedSource): number {
  return isLargeSource(source)
    ? largeSourceMemory
    : unpackedSizeOf(source) + memoryOfPrepared(source.prepared);
}

function memoryOfPrepared({ pieces, editables }: PreparedCharts): number {
  let size = 0;
  for (const piecesOfChart of pieces.values()) size += memoryOfPieces(piecesOfChart);
  for (const file of editables.keys()) size += (memoryPerYamlByte + 2 * maxEntries) * file.length;
  return size;
}
