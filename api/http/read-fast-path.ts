import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ByteCache, createByteCache } from '../../core/runtime/byte-cache.ts';
import type { Log } from '../../core/runtime/log.ts';
import { replyOf } from './cached-response.ts';
import type { ReadCachedBody } from './env.ts';
import type { BodyHolder } from './hold-body.ts';
import { chooseRequestId, logRequest } from './request-log.ts';
import { securityHeaders } from './security-headers.ts';

/** What of a request decides how it is read. */
type ReadRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

/**
 * Requests for what is kept ready to be sent, and what is to be read for them. One that comes again is not routed and
 * checked once more, which takes longer than the answer; what it is answered is read anew each time.
 */
export interface ReadFastPath {
  /** Remembers what to read for a request like this one. */
  remember(request: ReadRequest, read: ReadCachedBody): void;
  /**
   * Answers a request that is known.
   * @param otherwise answers it where nothing is to be had: that it failed is told in one place only
   * @returns whether it does
   */
  answer(incoming: IncomingMessage, outgoing: ServerResponse, otherwise: () => void): boolean;
}

/** Bytes of requests that are remembered. */
const maxRemembered = 4 * 1024 * 1024;

/** Bytes of one beside its key: the function that reads, and what it holds. */
const readSize = 512;

export function createReadFastPath(log: Log, bodies: BodyHolder): ReadFastPath {
  const remembered: ByteCache<{ read: ReadCachedBody; path: string }> = createByteCache(maxRemembered);

  return {
    remember(request, read) {
      const { method, url = '' } = request;
      if (method === 'GET') remembered.set(keyOf(request), { read, path: url.replace(/\?.*/, '') }, readSize);
    },
    answer(incoming, outgoing, otherwise) {
      if (incoming.method !== 'GET') return false;
      const found = remembered.get(keyOf(incoming));
      if (!found) return false;
      const startedAt = performance.now();
      const answering = found.read().then((ready) => {
        if (ready.etag === undefined) return otherwise();
        if (outgoing.destroyed) return;
        const request = chooseRequestId(incoming.headers['x-request-id']);
        const { status, headers, body } = replyOf(ready, ready.etag, incoming.headers['if-none-match']);
        if (body) bodies.hold(outgoing, body);
        outgoing
          .writeHead(status, { ...securityHeaders, ...headers, 'X-Request-Id': request })
          .end(body ?? undefined);
        logRequest(log, { request, method: 'GET', path: found.path, status }, startedAt);
      }, otherwise);
      // Errors thrown while an answer is written are of this answer alone.
      answering.catch((error: unknown) => {
        log.error({ error }, 'an answer could not be sent');
        outgoing.destroy();
      });
      return true;
    },
  };
}

function keyOf({ url, headers }: ReadRequest): string {
  return `${url}\n${headers.accept}\n${headers['accept-encoding']}`;
}
