import type { Context } from 'hono';
import type { Answers } from '../../core/reading/answers.ts';
import type { JsonText } from '../../core/registry/documents.ts';
import type { Page, Paging } from '../../core/registry/registry.ts';
import type { Env } from './mount.ts';

/** Ten items from the first unless the query says otherwise; a negative number asks for nothing and gets it. */
export function toPaging({
  start = 0,
  limit = 10,
}: {
  start?: number | undefined;
  limit?: number | undefined;
}): Paging {
  return start < 0 || limit < 0 ? { start: 0, limit: 0 } : { start, limit };
}

/** A list in the shape of API version 1. */
export function listAnswer<T>(c: Context<Env>, page: Page<T>): Response {
  return c.json({ metadata: { total: page.total, itemsLength: page.items.length }, items: page.items });
}

/**
 * A document about a space, made anew only when the space has changed; 304 for whoever has it.
 * @param more.paging tells pages of one path apart
 * @param more.type of the document, which is JSON unless it says otherwise
 */
export async function readyAnswer(
  c: Context<Env>,
  answers: Answers,
  space: string,
  make: () => Promise<string>,
  { paging, type = 'application/json' }: { paging?: Paging | undefined; type?: string } = {},
): Promise<Response> {
  const what = paging ? `${c.req.path} ${paging.start} ${paging.limit}` : c.req.path;
  const { body, etag } = await answers.read(space, what, make);
  if (etag === undefined) return c.body(body, 200, { 'Content-Type': type });
  if (isKnown(c, etag)) return c.body(null, 304, { ETag: etag, 'Cache-Control': 'no-cache' });
  return c.body(body, 200, {
    'Content-Type': type,
    ETag: etag,
    'Cache-Control': 'no-cache',
  });
}

/** The same of a page of names. */
export function readyNames(
  c: Context<Env>,
  answers: Answers,
  space: string,
  paging: Paging,
  list: () => Promise<Page<string>>,
): Promise<Response> {
  const make = async () => {
    const { total, items } = await list();
    return listText({ total, items: items.map((item) => JSON.stringify(item)) });
  };
  return readyAnswer(c, answers, space, make, { paging });
}

/** The same of a page of documents. */
export function readyDocuments(
  c: Context<Env>,
  answers: Answers,
  space: string,
  paging: Paging,
  list: () => Promise<Page<JsonText>>,
): Promise<Response> {
  return readyAnswer(c, answers, space, async () => listText(await list()), { paging });
}

function listText({ total, items }: Page<JsonText>): JsonText {
  return `{"metadata":{"total":${total},"itemsLength":${items.length}},"items":[${items.join(',')}]}`;
}

/** Whether the client says that it has what is tagged so (RFC 9110 section 13.1.2). */
export function isKnown(c: Context<Env>, etag: string): boolean {
  const header = c.req.header('if-none-match');
  if (header === undefined) return false;
  return header
    .split(',')
    .some((candidate) => candidate.trim() === '*' || candidate.trim().replace(/^W\//, '') === etag);
}
