import type { CacheMeter } from '../runtime/cache-meter.ts';
import type { InFlight } from './in-flight.ts';
import type { SpaceStates } from './space-state.ts';
import { createStateCache } from './state-cache.ts';

/** Rendered document, ready to be sent. */
export interface CachedResponse {
  body: Uint8Array<ArrayBuffer>;
  /** Strong validator (RFC 9110 section 8.8.3) with its quotes; absent for a space that does not exist. */
  etag?: string;
  /** Offset at which a truncated list continues. */
  next?: number;
  /** Warnings about the document, each a code and a sentence. */
  warnings?: readonly string[];
  /** Id of the space that it is about; absent for a space that does not exist. */
  spaceId?: number;
}

/** Document as it was rendered: text or bytes. */
export interface RenderedDocument {
  text: string | Uint8Array<ArrayBuffer>;
  /** Offset at which a truncated list continues. */
  next?: number | undefined;
  /** Warnings about the document, each a code and a sentence. */
  warnings?: readonly string[];
}

/**
 * Response cache: documents about spaces, each valid for one revision of its space. Each reader gets the
 * current state of the space by a query that it shares with others, and the document for that state.
 */
export interface ResponseCache {
  /**
   * Returns a document from the cache, or renders it.
   * @param name name of the document within its space
   * @param make renders the document; called when the cache lacks it for the space's state
   * @param isMadeInThread the document is made in a thread, whose turn admits it; else few are made at a time
   * @throws the errors of `make`; {RegistryError} `service.busy` when too many bytes are in flight to render
   *   one
   */
  read(
    space: string,
    name: string,
    make: () => Promise<string | RenderedDocument>,
    isMadeInThread?: boolean,
  ): Promise<CachedResponse>;
}

/** Creates a response cache of at most `maxBytes`. */
export function createResponseCache(
  states: SpaceStates,
  maxBytes: number,
  inFlight: InFlight,
  meter?: CacheMeter,
): ResponseCache {
  const cache = createStateCache<CachedResponse>(states, maxBytes, ({ body }) => body.length, meter);

  return {
    read: (space, name, make, isMadeInThread = false) =>
      cache.read(space, name, async (state) => {
        if (!state) return toResponse(await make());
        if (isMadeInThread) inFlight.admit();
        const made = isMadeInThread ? await make() : await inFlight.make(make);
        return { ...toResponse(made), etag: `"${state.key}"`, spaceId: state.id };
      }),
  };
}

function toResponse(rendered: string | RenderedDocument): CachedResponse {
  const { text, next, warnings }: RenderedDocument =
    typeof rendered === 'string' ? { text: rendered } : rendered;
  const body = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return { body, ...(next === undefined ? {} : { next }), ...(warnings ? { warnings } : {}) };
}
