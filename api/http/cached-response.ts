import type { Context } from 'hono';
import { byteLengthOf, piecesOf, type ResponseBody } from '../../core/read-cache/body.ts';
import type {
  RenderDocument,
  RenderedDocument,
  ResponseCache,
  ResponseCacheOptions,
} from '../../core/read-cache/response-cache.ts';
import type { Page, Paging } from '../../core/registry/registry.ts';
import type { WaitingClient } from '../../core/runtime/threads/fair-limiter.ts';
import type { CachedBody, Env, ReadCachedBody } from './env.ts';
import { computeNextStart, linkNext } from './next-page.ts';
import { requestHeader } from './node-headers.ts';
import { sendJson } from './send-text.ts';
import { warningHeader } from './warning-header.ts';

/** Makes a page of a query: ten items from the first by default. A negative `start` gives an empty page. */
export function toPaging({
  start = 0,
  limit = 10,
}: {
  start?: number | undefined;
  limit?: number | undefined;
}): Paging {
  return start < 0 ? { start: 0, limit: 0 } : { start, limit };
}

/**
 * Sends a list in the shape of API version 1. `Link` leads to the next page, if there is one.
 * @param more facts about the whole list, beside its items
 */
export function listResponse<T>(c: Context<Env>, page: Page<T>, paging: Paging, more: object = {}): Response {
  const next = computeNextStart(page, paging);
  if (next !== undefined) c.header('Link', linkNext(c, { start: next, limit: paging.limit }));
  return sendJson(c, {
    metadata: { total: page.total, itemsLength: page.items.length },
    items: page.items,
    ...more,
  });
}

/**
 * Sends a document about a space from the response cache, or 304. It is rendered again only when the space has
 * changed.
 * @param options.paging tells pages of one path apart
 * @param options.startParameter name of the query parameter for the first item of a page
 * @param options.type media type; JSON by default
 * @param options.isAdmittedByRender as in `ResponseCache.read`
 */
export function sendFromResponseCache(
  c: Context<Env>,
  responses: ResponseCache,
  space: string,
  render: RenderDocument,
  {
    paging,
    startParameter = 'start',
    type = 'application/json',
    isAdmittedByRender,
  }: {
    paging?: Paging | undefined;
    startParameter?: 'start' | 'offset';
    type?: string;
  } & Pick<ResponseCacheOptions, 'isAdmittedByRender'> = {},
): Promise<Response> {
  const key = paging ? `${c.req.path} ${paging.start} ${paging.limit}` : c.req.path;
  return sendCached(c, async (client) => {
    const {
      body,
      etag,
      next,
      spaceId,
      warnings = [],
    } = await responses.read(space, key, render, { isAdmittedByRender, client });
    const headers = validatorHeaders(etag);
    if (paging && next !== undefined)
      headers.Link = linkNext(c, { [startParameter]: next, limit: paging.limit });
    return {
      body,
      etag,
      contentHeaders: { 'Content-Type': type, ...warningHeader(warnings) },
      headers,
      spaceId,
    };
  });
}

/** Sends a cached body, or 304, and remembers `read` for the fast path. A repeated request calls it again. */
export async function sendCached(
  c: Context<Env>,
  read: (client?: WaitingClient) => Promise<CachedBody>,
): Promise<Response> {
  return sendCachedBody(c, await read(c.env?.outgoing), read);
}

/**
 * Sends a body that is ready, or 304.
 * @param remembered reads it for the fast path, for all readers; without it nothing is remembered
 */
export function sendCachedBody(c: Context<Env>, cached: CachedBody, remembered?: ReadCachedBody): Response {
  c.env.holdBody?.(cached.body);
  cached.notePull?.();
  if (cached.etag === undefined) return c.body(toHonoBody(cached.body), 200, cached.contentHeaders);
  if (remembered) c.env.rememberRead?.(remembered);
  const { status, headers, body } = computeCachedReply(
    cached,
    cached.etag,
    requestHeader(c, 'if-none-match'),
  );
  // Hono's types separate responses without a body.
  return body === null ? c.body(body, status, headers) : c.body(toHonoBody(body), status, headers);
}

/** Makes a body for Hono; pieces become a stream, so that they are not copied. */
function toHonoBody(body: ResponseBody): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const pieces = piecesOf(body)[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { value, done } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** Computes status, headers and body for a document with an ETag. The status is 304 when the client has it. */
export function computeCachedReply(
  { body, contentHeaders, headers }: CachedBody,
  etag: string,
  ifNoneMatch: string | undefined,
): { headers: Record<string, string> } & (
  | { status: 200; body: CachedBody['body'] }
  | { status: 304; body: null }
) {
  if (matchesEtag(ifNoneMatch, etag)) return { status: 304, headers, body: null };
  return {
    status: 200,
    headers: { ...headers, ...contentHeaders, 'Content-Length': String(byteLengthOf(body)) },
    body,
  };
}

/** Headers of a document that is checked before each use. */
export function validatorHeaders(etag: string | undefined): Record<string, string> {
  return etag === undefined ? {} : { ETag: etag, 'Cache-Control': 'no-cache' };
}

/** Sends a page of names from the response cache. */
export function sendCachedNames(
  c: Context<Env>,
  answers: ResponseCache,
  space: string,
  paging: Paging,
  list: () => Promise<Page<string>>,
): Promise<Response> {
  const render = async () => {
    const { total, items } = await list();
    return writeListJson({ total, items: items.map((item) => JSON.stringify(item)) }, paging);
  };
  return sendFromResponseCache(c, answers, space, render, { paging });
}

/** Sends a page of JSON documents from the response cache. */
export function sendCachedDocuments(
  c: Context<Env>,
  answers: ResponseCache,
  space: string,
  paging: Paging,
  list: () => Promise<Page<string>>,
): Promise<Response> {
  return sendFromResponseCache(c, answers, space, async () => writeListJson(await list(), paging), {
    paging,
  });
}

/** Writes a page as JSON text. `page.items` are JSON texts already. */
export function writeListJson(page: Page<string>, paging: Paging): RenderedDocument {
  const { total, items } = page;
  const text = `{"metadata":{"total":${total},"itemsLength":${items.length}},"items":[${items.join(',')}]}`;
  return { text, next: computeNextStart(page, paging) };
}

/**
 * Checks whether `If-None-Match` contains an ETag (RFC 9110 section 13.1.2).
 * @param header `If-None-Match`
 */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header
    .split(',')
    .some((candidate) => candidate.trim() === '*' || candidate.trim().replace(/^W\//, '') === etag);
}
