import { type ByteCache, createByteCache } from '../runtime/byte-cache.ts';
import type { InFlight } from './in-flight.ts';
import type { SpaceState, SpaceStates } from './space-state.ts';

/** Rendered document, ready to be sent. */
export interface CachedResponse {
  body: Uint8Array<ArrayBuffer>;
  /** Strong validator (RFC 9110 section 8.8.3) with its quotes; absent for a space that does not exist. */
  etag?: string;
  /** Offset at which a truncated list continues. */
  next?: number;
}

/** Document as it was rendered: text or bytes. */
export interface RenderedDocument {
  text: string | Uint8Array<ArrayBuffer>;
  /** Offset at which a truncated list continues. */
  next?: number | undefined;
}

/**
 * Response cache: documents about spaces, each valid for one revision of its space. Each reader gets the
 * current state of the space by a query that it shares with others, and the document for that state.
 */
export interface ResponseCache {
  /**
   * Returns a document from the cache, or renders it.
   * @param name name of the document within its space
   * @param make renders the document from the database; called when the cache lacks it for the space's state
   * @throws the errors of `make`; {RegistryError} `service.busy` when too many bytes are in flight to render
   *   one
   */
  read(space: string, name: string, make: () => Promise<string | RenderedDocument>): Promise<CachedResponse>;
}

interface Entry {
  state: string;
  response: Promise<CachedResponse>;
}

/** Creates a response cache of at most `maxBytes`. */
export function createResponseCache(
  states: SpaceStates,
  maxBytes: number,
  inFlight: InFlight,
): ResponseCache {
  const cache: ByteCache<Entry> = createByteCache(maxBytes);

  return {
    async read(space, name, make) {
      const state = await states.read(space);
      // The space may exist by now; `make` reports a missing one.
      if (!state) return toResponse(await make());
      const key = `${space} ${name}`;
      const entry = cache.get(key);
      if (entry?.state === state.key) return entry.response;
      inFlight.admit();
      return renderAndCache(state, key, make);
    },
  };

  function renderAndCache(
    state: SpaceState,
    key: string,
    make: () => Promise<string | RenderedDocument>,
  ): Promise<CachedResponse> {
    // The result may be newer than `state`, which is correct for all readers of `state` too.
    const rendering = make().then((rendered) => {
      const response: CachedResponse = { ...toResponse(rendered), etag: `"${state.key}"` };
      if (cache.get(key) === entry) cache.set(key, entry, response.body.length);
      return response;
    });
    const entry: Entry = { state: state.key, response: rendering };
    cache.set(key, entry, 0);
    rendering.catch(() => {
      if (cache.get(key) === entry) cache.delete(key);
    });
    return rendering;
  }
}

function toResponse(rendered: string | RenderedDocument): CachedResponse {
  const { text, next }: RenderedDocument = typeof rendered === 'string' ? { text: rendered } : rendered;
  const body = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return next === undefined ? { body } : { body, next };
}
