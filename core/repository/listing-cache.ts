import type { Database } from '../db/port.ts';
import type { ResponseBody } from '../read-cache/body.ts';
import type { SpaceState, SpaceStates } from '../read-cache/space-state.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { createByteCache } from '../runtime/byte-cache.ts';
import { type CacheMeter, createCacheMeter } from '../runtime/cache-meter.ts';
import { catchUpListing, type LoadedListing, loadListing } from './load.ts';

/** A cached listing, with the documents written from it. */
export interface CachedListing extends LoadedListing {
  /** Documents by format and encoding; a new map replaces this one when the listing changes. */
  bodies: Map<string, Promise<ResponseBody>>;
  /** Bytes that the finished documents do not share with the listing. */
  bodySize: number;
}

/** Database of the listed spaces, and what errors may suggest of it. */
export type IndexedRegistry = Pick<RegistryDeps, 'db' | 'suggestible'>;

/** Listings of spaces, cached and always current. */
export interface ListingCache {
  /**
   * Returns the listing of a space, at its current revision or a later one.
   * @throws {RegistryError} `space.notFound`, `index.tooLarge`
   */
  read(space: string): Promise<CachedListing>;
  /** Counts a finished document of a listing, unless the listing has changed since the document was begun. */
  addBodySize(space: string, cached: CachedListing, bodies: CachedListing['bodies'], bytes: number): void;
}

/**
 * Creates an empty cache of listings.
 * @param limit bytes of the cache
 */
export function createListingCache(
  { db, suggestible }: IndexedRegistry,
  states: SpaceStates,
  limit: number,
  meter: CacheMeter = createCacheMeter(),
): ListingCache {
  const cache = createByteCache<CachedListing>(limit);
  meter.bytes = cache.size;
  const refreshes = new Map<string, Promise<CachedListing | undefined>>();

  /** Whether the space is at an older revision than was seen before: the database was restored from a backup. */
  async function wasRestored(space: string, seen: SpaceState): Promise<boolean> {
    const now = await states.read(space);
    return now !== undefined && now.id === seen.id && now.revision < seen.revision;
  }

  function refresh(
    space: string,
    state: SpaceState,
    cached: CachedListing | undefined,
  ): Promise<CachedListing | undefined> {
    const refreshing = refreshListing(db, state, cached).then((fresh) => {
      if (fresh) put(space, fresh);
      else cache.delete(space);
      return fresh;
    });
    refreshes.set(space, refreshing);
    const end = () => refreshes.delete(space);
    refreshing.then(end, end);
    return refreshing;
  }

  function put(space: string, cached: CachedListing): void {
    cache.set(space, cached, cached.listing.size() + cached.bodySize);
  }

  return {
    async read(space) {
      for (;;) {
        const state = await states.read(space);
        if (!state) throw await explainMissing(db, { space }, suggestible);
        const cached = cache.get(space);
        if (cached && isAsRecentAs(cached, state)) {
          if (cached.state.key === state.key || !(await wasRestored(space, cached.state))) {
            meter.hits += 1;
            return cached;
          }
          cache.delete(space);
          continue;
        }
        meter.misses += 1;
        // A refresh under way may have read the database before `state` was committed; then the loop starts another.
        const refreshed = await (refreshes.get(space) ?? refresh(space, state, cached));
        if (refreshed && isAsRecentAs(refreshed, state)) return refreshed;
      }
    },
    addBodySize(space, cached, bodies, bytes) {
      if (cached.bodies !== bodies || cache.get(space) !== cached) return;
      cached.bodySize += bytes;
      put(space, cached);
    },
  };
}

/**
 * Updates a cached listing by the changes since, or reads the listing anew.
 * @returns undefined when the space is gone
 */
async function refreshListing(
  db: Database,
  state: SpaceState,
  cached: CachedListing | undefined,
): Promise<CachedListing | undefined> {
  if (cached?.state.id === state.id && cached.state.revision < state.revision) {
    const current = await catchUpListing(db, cached);
    if (current) return Object.assign(cached, { state: current, bodies: new Map(), bodySize: 0 });
  }
  const loaded = await loadListing(db, state.id);
  return loaded && { ...loaded, bodies: new Map(), bodySize: 0 };
}

/** Whether a listing shows a state, or a later state of the same space. */
function isAsRecentAs({ state }: LoadedListing, wanted: SpaceState): boolean {
  return state.key === wanted.key || (state.id === wanted.id && state.revision > wanted.revision);
}
