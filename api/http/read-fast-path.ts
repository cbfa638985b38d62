import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PreRoutingFacts, RightPlace } from '../../core/access/actor.ts';
import type { ResponseBody } from '../../core/read-cache/body.ts';
import { type ByteCache, createByteCache } from '../../core/runtime/byte-cache.ts';
import type { Log } from '../../core/runtime/log.ts';
import type { AdmissionCheck, Admitted, NotAdmitted } from '../access/admission.ts';
import type { ClientReader } from '../access/client.ts';
import { computeCachedReply } from './cached-response.ts';
import type { CachedBody, ReadCachedBody } from './env.ts';
import { privateCaching } from './private-caching.ts';
import { chooseRequestId, logRequest } from './request-log.ts';
import type { RequestMeter } from './request-meter.ts';
import { securityHeaders } from './security-headers.ts';
import type { UnreadBodyCounter } from './unread-body-counter.ts';

/** Parts of a request that decide which response is read. */
type ReadRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

/**
 * Fast path: repeated cacheable GETs skip routing and validation, which take longer than the response. The response
 * is read again each time, and so is current.
 */
export interface ReadFastPath {
  /**
   * Remembers how to read the response to a request.
   * @param where place that it reads; without one only a registry with open access answers it from memory
   * @param meter counts the answers; absent where there are no metrics
   */
  remember(
    request: ReadRequest,
    read: ReadCachedBody,
    where: RightPlace | undefined,
    meter?: RequestMeter | undefined,
  ): void;
  /**
   * Answers a remembered request.
   * @param otherwise routes the request when nothing can be read; the route then reports the failure, by the first look
   *   that was taken here at a sender who may not read it
   * @returns whether the request is answered here
   */
  answer(incoming: IncomingMessage, outgoing: ServerResponse, otherwise: RouteOnMiss): boolean;
}

/** Routes a request that is not answered from memory. */
type RouteOnMiss = (firstLook?: PreRoutingFacts) => void;

/** Largest number of bytes of remembered requests: 4 MiB. */
const maxRememberedBytes = 4 * 1024 * 1024;

/** Estimated bytes of a remembered request without its key: the closure that reads, and all it references. */
const readOverheadBytes = 512;

/** Read that is remembered for a request: its path, who may read there, and how the response is found. */
interface RememberedRead {
  read: ReadCachedBody;
  path: string;
  where: RightPlace | undefined;
  meter: RequestMeter | undefined;
}

/** Creates the fast path of one server. */
export function createReadFastPath(
  log: Log,
  bodies: UnreadBodyCounter,
  clients: Pick<ClientReader, 'addressOf'>,
  admit: AdmissionCheck | undefined,
): ReadFastPath {
  const remembered: ByteCache<RememberedRead> = createByteCache(maxRememberedBytes);

  return {
    remember(request, read, where, meter) {
      const { method, url = '' } = request;
      if (method === 'GET' && plainFirstSegmentPattern.test(url))
        remembered.set(
          cacheKeyOfRequest(request),
          { read, path: url.replace(/\?.*/, ''), where, meter },
          readOverheadBytes,
        );
    },
    answer(incoming, outgoing, otherwise) {
      if (incoming.method !== 'GET' || needsRoute(incoming)) return false;
      const found = remembered.get(cacheKeyOfRequest(incoming));
      if (!found) return false;
      const startedAt = performance.now();
      let sender: Admitted | NotAdmitted | undefined;
      const noteSender = (noted: Admitted | NotAdmitted) => {
        sender = noted;
      };
      // Both query the database after the request came, in queries that many share.
      const reading = admit
        ? readIfAdmitted(found, admit, incoming, outgoing, noteSender)
        : found.read(outgoing);
      const answering = reading.then(
        (ready) => {
          if (ready?.etag === undefined)
            return otherwise(sender?.isAdmitted === false ? sender.firstLook : undefined);
          if (outgoing.destroyed) return;
          ready.notePull?.();
          const request = chooseRequestId(incoming.headers['x-request-id']);
          const { status, headers, body } = computeCachedReply(
            ready,
            ready.etag,
            incoming.headers['if-none-match'],
          );
          if (body) bodies.hold(outgoing, body);
          const caching = sender?.isAdmitted && !sender.isPublic ? privateCaching : {};
          outgoing.writeHead(status, { ...securityHeaders, ...headers, ...caching, 'X-Request-Id': request });
          sendBody(outgoing, body ?? []);
          found.meter?.note('GET', status, performance.now() - startedAt);
          const { 'user-agent': agent } = incoming.headers;
          const principal = sender?.isAdmitted ? sender.principal : undefined;
          const client = clients.addressOf(incoming);
          logRequest(
            log,
            { request, method: 'GET', path: found.path, status, client, agent, principal },
            startedAt,
          );
        },
        () => otherwise(),
      );
      // An error while a response is written concerns that response alone.
      answering.catch((error: unknown) => {
        log.error({ error }, 'an answer could not be sent');
        outgoing.destroy();
      });
      return true;
    },
  };
}

async function readIfAdmitted(
  { read, where }: { read: ReadCachedBody; where: RightPlace | undefined },
  admit: AdmissionCheck,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  noteSender: (sender: Admitted | NotAdmitted) => void,
): Promise<CachedBody | undefined> {
  if (!where) return undefined;
  // The check is sent first, and a refusal does not wait for what it refuses.
  const checking = admit(incoming, where);
  const reading = read(outgoing);
  reading.catch(() => undefined);
  const sender = await checking;
  noteSender(sender);
  if (!sender.isAdmitted) return undefined;
  // The read found the space by its name, which another one may have got since the check, or just before it.
  const ready = await reading;
  return ready?.spaceId !== undefined && ready.spaceId === sender.spaceId ? ready : undefined;
}

/**
 * Pattern of targets that show their interface before they are routed. Routes decode the path, and drop the host of an
 * absolute target: `/%762/` is `/v2/`, where other credentials count.
 */
const plainFirstSegmentPattern = /^\/[^/?%]*(?:[/?]|$)/;

/** Checks for what only routes evaluate: ranges, dates, and several `Authorization` headers, which they refuse. */
function needsRoute({ headers, rawHeaders }: IncomingMessage): boolean {
  return (
    headers.range !== undefined ||
    headers['if-modified-since'] !== undefined ||
    (headers.authorization !== undefined && repeatsAuthorization(rawHeaders))
  );
}

/** Whether a request has several `Authorization` headers. Node keeps the first one, and drops the others. */
function repeatsAuthorization(rawHeaders: readonly string[]): boolean {
  let count = 0;
  // Names and values take turns in the list.
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (rawHeaders[index]?.toLowerCase() === 'authorization') count += 1;
  return count > 1;
}

/** Sends a body as it is: its pieces are handed on together, and not copied. */
function sendBody(outgoing: ServerResponse, body: ResponseBody): void {
  if (body instanceof Uint8Array) {
    outgoing.end(body);
    return;
  }
  outgoing.cork();
  for (const piece of body) outgoing.write(piece);
  outgoing.end();
}

function cacheKeyOfRequest({ url, headers }: ReadRequest): string {
  return `${url}\n${headers.accept}\n${headers['accept-encoding']}`;
}
