import type { Context } from 'hono';
import type { Env } from './env.ts';

/** Date formats of HTTP, current and obsolete (RFC 9110 section 5.6.7). */
const dates = {
  today: /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  rfc850: /^[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
  asctime: /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
};

/** Parses a date header. @returns milliseconds since 1970, or NaN for anything else, which then counts as not sent */
export function parseHttpDate(text = ''): number {
  if (dates.today.test(text) || dates.rfc850.test(text)) return Date.parse(text);
  return dates.asctime.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}

/**
 * Reads one byte range of a GET from `Range`, unless `If-Range` names another ETag (RFC 9110 sections 13.1.5 and
 * 14.2). A date in `If-Range` never matches: two versions stored within a second would share it.
 * @returns the two numbers of the range, one of which may be empty
 */
export function readRangeHeader(c: Context<Env>, etag: string): { from: string; to: string } | undefined {
  const ifRange = c.req.header('if-range');
  if (c.req.method !== 'GET' || (ifRange !== undefined && ifRange !== etag)) return undefined;
  const parts = /^bytes=(\d*)-(\d*)$/i.exec((c.req.header('range') ?? '').replace(/[ \t]/g, ''));
  const [, from = '', to = ''] = parts ?? [];
  return from === '' && to === '' ? undefined : { from, to };
}
