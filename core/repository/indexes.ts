import type { Database } from '../db/port.ts';
import type { CachedResponse } from '../read-cache/response-cache.ts';
import type { SpaceState, SpaceStates } from '../read-cache/space-state.ts';
import { checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import { createByteCache } from '../runtime/byte-cache.ts';
import { compressIndex, type IndexEncoding, type IndexForm, writeIndex } from './document.ts';
import { catchUp, type LoadedListing, loadListing } from './load.ts';

/** Format and encoding of an index. */
export interface IndexVariant {
  format: IndexForm;
  encoding: IndexEncoding;
}

/** Indexes of chart repositories, cached and always current. */
export interface Indexes {
  /**
   * Returns the current index of a space as a response body.
   * The first read after a change reads the changed versions from the database and writes the document anew.
   * @throws {RegistryError} `name.invalid`, `space.notFound`, `index.tooLarge`, `service.busy`
   */
  read(space: string, variant: IndexVariant): Promise<CachedResponse & { etag: string }>;
}

interface CachedIndex extends LoadedListing {
  /** Documents by format and encoding. */
  bodies: Map<string, Promise<Uint8Array<ArrayBuffer>>>;
  /** Bytes of the finished documents. */
  bodySize: number;
}

/**
 * Creates the cache of indexes.
 * @param limit bytes of the cache
 * @param admit throws `service.busy` when too many response bytes are in flight to write a document
 */
export function createIndexes(
  db: Database,
  states: SpaceStates,
  limit: number,
  admit: () => void = () => undefined,
): Indexes {
  const cache = createByteCache<CachedIndex>(limit);
  const refreshes = new Map<string, Promise<CachedIndex | undefined>>();

  async function findCurrent(space: string): Promise<CachedIndex> {
    for (;;) {
      const state = await states.read(space);
      if (!state) throw await explainMissing(db, { space });
      const cached = cache.get(space);
      if (cached && isAtLeast(cached, state)) {
        if (cached.state.key === state.key || !(await wasRestored(space, cached.state))) return cached;
        cache.delete(space);
        continue;
      }
      // A refresh under way may have read the database before `state` was committed; then the loop starts another.
      const refreshed = await (refreshes.get(space) ?? refresh(space, state, cached));
      if (refreshed && isAtLeast(refreshed, state)) return refreshed;
    }
  }

  /** Whether the space is at an older revision than was seen before: the database was restored from a backup. */
  async function wasRestored(space: string, seen: SpaceState): Promise<boolean> {
    const now = await states.read(space);
    return now !== undefined && now.id === seen.id && now.revision < seen.revision;
  }

  function refresh(
    space: string,
    state: SpaceState,
    cached: CachedIndex | undefined,
  ): Promise<CachedIndex | undefined> {
    const refreshing = bringUpToDate(state, cached).then((fresh) => {
      if (fresh) putInCache(space, fresh);
      else cache.delete(space);
      return fresh;
    });
    refreshes.set(space, refreshing);
    const end = () => refreshes.delete(space);
    refreshing.then(end, end);
    return refreshing;
  }

  async function bringUpToDate(
    state: SpaceState,
    cached: CachedIndex | undefined,
  ): Promise<CachedIndex | undefined> {
    if (cached?.state.id === state.id && cached.state.revision < state.revision) {
      const caughtUp = await catchUp(db, cached);
      if (caughtUp) return Object.assign(cached, { state: caughtUp, bodies: new Map(), bodySize: 0 });
    }
    const loaded = await loadListing(db, state.id);
    return loaded && { ...loaded, bodies: new Map(), bodySize: 0 };
  }

  function putInCache(space: string, cached: CachedIndex): void {
    cache.set(space, cached, cached.listing.size + cached.bodySize);
  }

  function bodyOf(
    space: string,
    cached: CachedIndex,
    { format, encoding }: IndexVariant,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { bodies } = cached;
    const name = `${format} ${encoding}`;
    const made = bodies.get(name);
    if (made) return made;
    admit();
    const body =
      encoding === 'identity'
        ? Promise.resolve(writeIndex(cached, format))
        : bodyOf(space, cached, { format, encoding: 'identity' }).then((plain) =>
            compressIndex(plain, encoding),
          );
    bodies.set(name, body);
    return body.then((bytes) => {
      // The size counts, unless the document was replaced by that of a later state meanwhile.
      if (cached.bodies === bodies && cache.get(space) === cached) {
        cached.bodySize += bytes.length;
        putInCache(space, cached);
      }
      return bytes;
    });
  }

  return {
    async read(space, variant) {
      checkSpaceName(space);
      const cached = await findCurrent(space);
      const etag = `"${cached.state.key}-${variant.format}-${variant.encoding}"`;
      return { body: await bodyOf(space, cached, variant), etag };
    },
  };
}

/** Whether a listing shows a state, or a later state of the same space. */
function isAtLeast({ state }: LoadedListing, wanted: SpaceState): boolean {
  return state.key === wanted.key || (state.id === wanted.id && state.revision > wanted.revision);
}
