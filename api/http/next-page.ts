import type { Context } from 'hono';
import type { Page, Paging } from '../../core/registry/registry.ts';
import type { Env } from './env.ts';

/** Computes the start of the next page; undefined after the last. A page may have fewer items than its limit. */
export function computeNextStart({ total, items }: Page<unknown>, { start }: Paging): number | undefined {
  const next = start + items.length;
  return items.length > 0 && next < total ? next : undefined;
}

/**
 * Writes the `Link` to the next page (RFC 8288). The link is relative to the host, with the rest of the query
 * unchanged.
 * @param position parameters that say where the next page begins, as numbers or as a cursor
 */
export function linkNext(c: Context<Env>, position: Record<string, number | string>): string {
  const query = new URLSearchParams(c.req.query());
  for (const [name, value] of Object.entries(position))
    if (typeof value === 'string' || value < Number.MAX_SAFE_INTEGER) query.set(name, String(value));
  return `<${c.req.path}?${query}>; rel="next"`;
}
