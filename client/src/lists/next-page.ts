/**
 * Reads the query of the next page from a `Link` header (RFC 8288). The last page has none: undefined. The path is
 * passed over: a proxy may have put another one before it.
 */
export function readNextPageQuery(response: Response): URLSearchParams | undefined {
  const link = /<([^>]*)>\s*;\s*rel="?next"?/.exec(response.headers.get('link') ?? '');
  const query = link?.[1]?.split('?')[1];
  return query === undefined ? undefined : new URLSearchParams(query);
}

/** Reads the start of the next page. */
export function readNextStart(response: Response): number | undefined {
  const start = readNextPageQuery(response)?.get('start');
  return start !== undefined && start !== null && /^\d+$/.test(start) ? Number(start) : undefined;
}

/** Reads the cursor of the next page. */
export function readNextCursor(response: Response): string | undefined {
  return readNextPageQuery(response)?.get('cursor') ?? undefined;
}
