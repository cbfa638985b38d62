import type { Context } from 'hono';
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

/** The same for items that are JSON text already. */
export function textListAnswer(c: Context<Env>, page: Page<JsonText>): Response {
  const head = `{"metadata":{"total":${page.total},"itemsLength":${page.items.length}},"items":[`;
  return textAnswer(c, `${head}${page.items.join(',')}]}`);
}

/** A JSON document that is text already. */
export function textAnswer(c: Context<Env>, document: JsonText): Response {
  return c.body(document, 200, { 'Content-Type': 'application/json' });
}
