import type { CacheMeter } from '../runtime/cache-meter.ts';
import { WaitAbandoned, type WaitingClient } from '../runtime/threads/fair-limiter.ts';
import type { InFlight } from './in-flight.ts';
import type { SpaceState, SpaceStates } from './space-state.ts';
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
  /** Whether it is only for those who wait for it now, and made again for the next. */
  isProvisional?: boolean;
}

/** Document as it was rendered: text or bytes. */
export interface RenderedDocument {
  text: string | Uint8Array<ArrayBuffer>;
  /** Offset at which a truncated list continues. */
  next?: number | undefined;
  /** Warnings about the document, each a code and a sentence. */
  warnings?: readonly string[];
  /** Part of the ETag that tells apart documents of one state of the space. */
  tag?: string;
  /** Whether a better one can be made later, without a change of the space: it is not cached. */
  isProvisional?: boolean;
}

/** Options of a read from the response cache. */
export interface ResponseCacheOptions {
  /** The render admits the document itself, in its turn of a thread or otherwise; else few are made at a time. */
  isAdmittedByRender?: boolean | undefined;
  /** Client that leaves the queue when it disconnects, unless others wait for the same document. */
  client?: WaitingClient | undefined;
}

/** Renders a document. The client stands for all who wait for it, and leaves queues when the last has disconnected. */
export type RenderDocument = (client?: WaitingClient) => Promise<string | RenderedDocument>;

/**
 * Response cache: documents about spaces, each valid for one revision of its space. Each reader gets the
 * current state of the space by a query that it shares with others, and the document for that state.
 */
export interface ResponseCache {
  /**
   * Returns a document from the cache, or renders it.
   * @param name name of the document within its space
   * @param make renders the document; called when the cache lacks it for the space's state
   * @throws the errors of `make`; {RegistryError} `service.busy` when too many bytes are in flight to render
   *   one, or too many documents wait to be rendered
   */
  read(
    space: string,
    name: string,
    make: RenderDocument,
    options?: ResponseCacheOptions,
  ): Promise<CachedResponse>;
}

/** Creates a response cache of at most `maxBytes`. */
export function createResponseCache(
  states: SpaceStates,
  maxBytes: number,
  inFlight: InFlight,
  meter?: CacheMeter,
): ResponseCache {
  const cache = createStateCache<CachedResponse>(
    states,
    maxBytes,
    ({ body, isProvisional }) => (isProvisional ? undefined : body.length),
    meter,
  );

  /** Reads or makes a document, which is counted until its reader has it: the state is read again meanwhile. */
  async function readOnce(
    space: string,
    name: string,
    make: RenderDocument,
    { isAdmittedByRender = false, client }: ResponseCacheOptions,
  ): Promise<CachedResponse> {
    const releases: (() => void)[] = [];
    const makeAndHold = async (readers: WaitingClient | undefined) => {
      const made = await make(readers);
      const response = toResponse(made);
      releases.push(inFlight.holdUnsent(response.body));
      return { response, tag: typeof made === 'string' ? undefined : made.tag };
    };
    try {
      const makeFor = async (state: SpaceState | undefined, readers: WaitingClient | undefined) => {
        if (!state) return toResponse(await make(readers));
        if (isAdmittedByRender) inFlight.admit();
        const { response, tag } = isAdmittedByRender
          ? await makeAndHold(readers)
          : await inFlight.make(space, () => makeAndHold(readers), readers);
        const etag = tag === undefined ? `"${state.key}"` : `"${state.key}-${tag}"`;
        return { ...response, etag, spaceId: state.id };
      };
      return await cache.read(space, name, makeFor, client);
    } finally {
      for (const release of releases) release();
    }
  }

  return {
    async read(space, name, make, options = {}) {
      for (;;) {
        try {
          return await readOnce(space, name, make, options);
        } catch (error) {
          // All who waited for the document had gone, and this client came before their place was given up.
          if (!(error instanceof WaitAbandoned) || options.client?.destroyed) throw error;
        }
      }
    },
  };
}

function toResponse(rendered: string | RenderedDocument): CachedResponse {
  const { text, next, warnings, isProvisional }: RenderedDocument =
    typeof rendered === 'string' ? { text: rendered } : rendered;
  const body = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return {
    body,
    ...(next === undefined ? {} : { next }),
    ...(warnings ? { warnings } : {}),
    ...(isProvisional ? { isProvisional } : {}),
  };
}
