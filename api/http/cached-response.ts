import type { Context } from 'hono';
import type { Made, ResponseCache } from '../../core/read-cache/response-cache.ts';
import type { Page, Paging } from '../../core/registry/registry.ts';
import type { CachedBody, Env, ReadCachedBody } from './env.ts';
import { linkNext, nextOf } from './next-page.ts';

/** Items on one page at most; more of them would be a long text of short ones. */
const maxItems = 50_000;

/** Ten items from the first unless the query says otherwise; a negative `start` asks for nothing and gets it. */
export function toPaging({
  start = 0,
  limit = 10,
}: {
  start?: number | undefined;
  limit?: number | undefined;
}): Paging {
  return start < 0 ? { start: 0, limit: 0 } : { start, limit: Math.min(limit, maxItems) };
}

/** A list in the shape of API version 1, with a `Link` to the next page where there is one. */
export function listResponse<T>(c: Context<Env>, page: Page<T>, paging: Paging): Response {
  const next = nextOf(page, paging);
  if (next !== undefined) c.header('Link', linkNext(c, { start: next, limit: paging.limit }));
  return c.json({ metadata: { total: page.total, itemsLength: page.items.length }, items: page.items });
}

/**
 * A document about a space, made anew only when the space has changed; 304 for whoever has it.
 * @param more.paging tells pages of one path apart
 * @param more.first what the query calls the place of a page's first item
 * @param more.type of the document, which is JSON unless it says otherwise
 */
export function cachedResponse(
  c: Context<Env>,
  answers: ResponseCache,
  space: string,
  render: () => Promise<string | Made>,
  {
    paging,
    startParameter = 'start',
    type = 'application/json',
  }: { paging?: Paging | undefined; startParameter?: 'start' | 'offset'; type?: string } = {},
): Promise<Response> {
  const key = paging ? `${c.req.path} ${paging.start} ${paging.limit}` : c.req.path;
  return sendCached(c, async () => {
    const { body, etag, next } = await answers.read(space, key, render);
    const headers = validators(etag);
    if (paging && next !== undefined)
      headers.Link = linkNext(c, { [startParameter]: next, limit: paging.limit });
    return { body, etag, contentHeaders: { 'Content-Type': type }, headers };
  });
}

/** Sends what is read, 304 for whoever has it; a request that comes again is answered by the same reading. */
export async function sendCached(c: Context<Env>, read: ReadCachedBody): Promise<Response> {
  const cached = await read();
  c.env.holdBody?.(cached.body);
  if (cached.etag === undefined) return c.body(cached.body, 200, cached.contentHeaders);
  c.env.rememberRead?.(read);
  const { status, headers, body } = replyOf(cached, cached.etag, c.req.header('if-none-match'));
  // Hono's types keep answers without a body apart.
  return body === null ? c.body(body, status, headers) : c.body(body, status, headers);
}

/** What a document with an ETag is answered: 304 for whoever has it. */
export function replyOf(
  { body, contentHeaders, headers }: CachedBody,
  etag: string,
  ifNoneMatch: string | undefined,
): { headers: Record<string, string> } & (
  | { status: 200; body: CachedBody['body'] }
  | { status: 304; body: null }
) {
  if (isKnown(ifNoneMatch, etag)) return { status: 304, headers, body: null };
  return {
    status: 200,
    headers: { ...headers, ...contentHeaders, 'Content-Length': String(body.length) },
    body,
  };
}

function validators(etag: string | undefined): Record<string, string> {
  return etag === undefined ? {} : { ETag: etag, 'Cache-Control': 'no-cache' };
}

/** The same of a page of names. */
export function cachedNames(
  c: Context<Env>,
  answers: ResponseCache,
  space: string,
  paging: Paging,
  list: () => Promise<Page<string>>,
): Promise<Response> {
  const render = async () => {
    const { total, items } = await list();
    return listText({ total, items: items.map((item) => JSON.stringify(item)) }, paging);
  };
  return cachedResponse(c, answers, space, render, { paging });
}

/** The same of a page of documents. */
export function cachedDocuments(
  c: Context<Env>,
  answers: ResponseCache,
  space: string,
  paging: Paging,
  list: () => Promise<Page<string>>,
): Promise<Response> {
  return cachedResponse(c, answers, space, async () => listText(await list(), paging), { paging });
}

/** @param page.items each a JSON text */
function listText(page: Page<string>, paging: Paging): Made {
  const { total, items } = page;
  const text = `{"metadata":{"total":${total},"itemsLength":${items.length}},"items":[${items.join(',')}]}`;
  return { text, next: nextOf(page, paging) };
}

/**
 * Whether the client says that it has what is tagged so (RFC 9110 section 13.1.2).
 * @param header `If-None-Match`
 */
export function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header
    .split(',')
    .some((candidate) => candidate.trim() === '*' || candidate.trim().replace(/^W\//, '') === etag);
}
