import { piecesOf, type ResponseBody } from '../read-cache/body.ts';
import type { SpaceStates } from '../read-cache/space-state.ts';
import { checkSpaceName } from '../registry/names.ts';
import type { CacheMeter } from '../runtime/cache-meter.ts';
import { compressIndex, type IndexEncoding, type IndexForm, writeIndex } from './document.ts';
import { type CachedListing, createListingCache, type IndexedRegistry } from './listing-cache.ts';

/** Index of a space, ready to be sent. */
export interface IndexDocument {
  body: ResponseBody;
  /** Strong validator with its quotes. */
  etag: string;
  /** Id of the space that it lists. */
  spaceId: number;
}

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
  read(space: string, variant: IndexVariant): Promise<IndexDocument>;
}

/**
 * Creates the cache of indexes.
 * @param limit bytes of the cache
 * @param admit throws `service.busy` when too many response bytes are in flight to write a document
 */
export function createIndexes(
  registry: IndexedRegistry,
  states: SpaceStates,
  limit: number,
  admit: () => void = () => undefined,
  meter?: CacheMeter,
): Indexes {
  const listings = createListingCache(registry, states, limit, meter);

  function bodyOf(
    space: string,
    cached: CachedListing,
    { format, encoding }: IndexVariant,
  ): Promise<ResponseBody> {
    const { bodies } = cached;
    const key = `${format} ${encoding}`;
    const existing = bodies.get(key);
    if (existing) return existing;
    admit();
    const plain = writeIndex(cached, format);
    // Large indexes are made of the listing's own bytes: only compressed ones take memory of their own.
    const body = encoding === 'identity' ? Promise.resolve(plain) : compressIndex(piecesOf(plain), encoding);
    bodies.set(key, body);
    return body.then((document) => {
      listings.addBodySize(space, cached, bodies, document instanceof Uint8Array ? document.length : 0);
      return document;
    });
  }

  return {
    async read(space, variant) {
      checkSpaceName(space);
      const cached = await listings.read(space);
      const etag = `"${cached.state.key}-${variant.format}-${variant.encoding}"`;
      return { body: await bodyOf(space, cached, variant), etag, spaceId: cached.state.id };
    },
  };
}
