import type { Database } from '../db/port.ts';
import type { CachedResponse } from '../read-cache/response-cache.ts';
import type { SpaceState, SpaceStates } from '../read-cache/space-state.ts';
import { checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import { createByteCache } from '../runtime/byte-cache.ts';
import { compressIndex, type IndexEncoding, type IndexForm, writeIndex } from './document.ts';
import { catchUp, type LoadedListing, loadListing } from './load.ts';

/** Which of the documents that say the same. */
export interface IndexVariant {
  format: IndexForm;
  encoding: IndexEncoding;
}

/** The indexes of chart repositories, each as its space is at this moment. */
export interface Indexes {
  /**
   * The index of a space, ready to be sent; in its first reader's turn after a change, what changed is read from the
   * database and the document is put together anew.
   * @throws {RegistryError} `name.invalid`, `space.notFound`, `index.tooLarge`, `service.busy`
   */
  read(space: string, variant: IndexVariant): Promise<CachedResponse & { etag: string }>;
}

interface CachedIndex extends LoadedListing {
  bodies: Map<string, Promise<Uint8Array<ArrayBuffer>>>;
  /** Bytes of the bodies that are done. */
  bodySize: number;
}

/**
 * @param limit bytes that are kept
 * @param admit throws where too much is in flight to make a document
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
      // One that has begun already may have begun too early; then another follows.
      const refreshed = await (refreshes.get(space) ?? refresh(space, state, cached));
      if (refreshed && isAtLeast(refreshed, state)) return refreshed;
    }
  }

  /** Whether a state that was seen is not there any more, since the database was restored from a backup. */
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
      // It counts, unless what it shows has passed meanwhile.
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

/** Whether it shows a state, or a later one of the same space. */
function isAtLeast({ state }: LoadedListing, wanted: SpaceState): boolean {
  return state.key === wanted.key || (state.id === wanted.id && state.revision > wanted.revision);
}
