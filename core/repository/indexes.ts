import type { Database } from '../db/port.ts';
import type { CachedResponse } from '../read-cache/response-cache.ts';
import type { SpaceStates } from '../read-cache/space-state.ts';
import { checkSpaceName } from '../registry/names.ts';
import { compressIndex, type IndexEncoding, type IndexForm, writeIndex } from './document.ts';
import { type CachedListing, createListingCache } from './listing-cache.ts';

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
  const listings = createListingCache(db, states, limit);

  function bodyOf(
    space: string,
    cached: CachedListing,
    { format, encoding }: IndexVariant,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { bodies } = cached;
    const key = `${format} ${encoding}`;
    const existing = bodies.get(key);
    if (existing) return existing;
    admit();
    const body =
      encoding === 'identity'
        ? Promise.resolve(writeIndex(cached, format))
        : bodyOf(space, cached, { format, encoding: 'identity' }).then((plain) =>
            compressIndex(plain, encoding),
          );
    bodies.set(key, body);
    return body.then((bytes) => {
      listings.addBodySize(space, cached, bodies, bytes.length);
      return bytes;
    });
  }

  return {
    async read(space, variant) {
      checkSpaceName(space);
      const cached = await listings.read(space);
      const etag = `"${cached.state.key}-${variant.format}-${variant.encoding}"`;
      return { body: await bodyOf(space, cached, variant), etag };
    },
  };
}
