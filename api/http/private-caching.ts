/**
 * Header of what not everybody may read: no shared cache keeps it, and a browser asks before each use, so that nothing
 * is shown after a log-out or a lost role (RFC 9111, section 5.2.2).
 */
export const privateCaching = { 'Cache-Control': 'private, no-cache' };

/** Keeps an answer from shared caches, unless it says already that none may have it. */
export function keepFromSharedCaches({ headers }: Response): void {
  if (/no-store|private/.test(headers.get('Cache-Control') ?? '')) return;
  for (const [name, value] of Object.entries(privateCaching)) headers.set(name, value);
}
