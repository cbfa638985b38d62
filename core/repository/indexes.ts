import type { Database } from '../db/port.ts';
import type { Answer } from '../read-cache/response-cache.ts';
import type { SpaceState, SpaceStates } from '../read-cache/space-state.ts';
import { checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import { createByteCache } from '../runtime/byte-cache.ts';
import { type IndexEncoding, type IndexForm, packIndex, writeIndex } from './document.ts';
import { catchUp, type Loaded, loadListing } from './load.ts';

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
  read(space: string, variant: IndexVariant): Promise<Answer & { etag: string }>;
}

interface Kept extends Loaded {
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
  const cache = createByteCache<Kept>(limit);
  const refreshes = new Map<string, Promise<Kept | undefined>>();

  async function findCurrent(space: string): Promise<Kept> {
    for (;;) {
      const state = await states.read(space);
      if (!state) throw await explainMissing(db, { space });
      const kept = cache.get(space);
      if (kept && shows(kept, state)) {
        if (kept.state.key === state.key || !(await wentBack(space, kept.state))) return kept;
        cache.delete(space);
        continue;
      }
      // One that has begun already may have begun too early; then another follows.
      const refreshed = await (refreshes.get(space) ?? refresh(space, state, kept));
      if (refreshed && shows(refreshed, state)) return refreshed;
    }
  }

  /** Whether a state that was seen is not there any more, since the database was restored from a backup. */
  async function wentBack(space: string, seen: SpaceState): Promise<boolean> {
    const now = await states.read(space);
    return now !== undefined && now.id === seen.id && now.revision < seen.revision;
  }

  function refresh(space: string, state: SpaceState, kept: Kept | undefined): Promise<Kept | undefined> {
    const refreshing = bringUpToDate(state, kept).then((fresh) => {
      if (fresh) keep(space, fresh);
      else cache.delete(space);
      return fresh;
    });
    refreshes.set(space, refreshing);
    const end = () => refreshes.delete(space);
    refreshing.then(end, end);
    return refreshing;
  }

  async function bringUpToDate(state: SpaceState, kept: Kept | undefined): Promise<Kept | undefined> {
    if (kept?.state.id === state.id && kept.state.revision < state.revision) {
      const caughtUp = await catchUp(db, kept);
      if (caughtUp) return Object.assign(kept, { state: caughtUp, bodies: new Map(), bodySize: 0 });
    }
    const loaded = await loadListing(db, state.id);
    return loaded && { ...loaded, bodies: new Map(), bodySize: 0 };
  }

  function keep(space: string, kept: Kept): void {
    cache.set(space, kept, kept.listing.size + kept.bodySize);
  }

  function bodyOf(
    space: string,
    kept: Kept,
    { format, encoding }: IndexVariant,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { bodies } = kept;
    const name = `${format} ${encoding}`;
    const made = bodies.get(name);
    if (made) return made;
    admit();
    const body =
      encoding === 'identity'
        ? Promise.resolve(writeIndex(kept, format))
        : bodyOf(space, kept, { format, encoding: 'identity' }).then((plain) => packIndex(plain, encoding));
    bodies.set(name, body);
    return body.then((bytes) => {
      // It counts, unless what it shows has passed meanwhile.
      if (kept.bodies === bodies && cache.get(space) === kept) {
        kept.bodySize += bytes.length;
        keep(space, kept);
      }
      return bytes;
    });
  }

  return {
    async read(space, variant) {
      checkSpaceName(space);
      const kept = await findCurrent(space);
      const etag = `"${kept.state.key}-${variant.format}-${variant.encoding}"`;
      return { body: await bodyOf(space, kept, variant), etag };
    },
  };
}

/** Whether it shows a state, or a later one of the same space. */
function shows({ state }: Loaded, wanted: SpaceState): boolean {
  return state.key === wanted.key || (state.id === wanted.id && state.revision > wanted.revision);
}
