/**
 * Header of responses that not everybody may read (RFC 9111, section 5.2.2). No shared cache keeps them, and a browser
 * asks before each use. So nothing is shown after a log-out or a lost role.
 */
export const privateCaching = { 'Cache-Control': 'private, no-cache' };

/** Keeps an answer from shared caches, unless it says already that none may have it. */
export function keepFromSharedCaches({ headers }: Response): void {
  if (/no-store|private/.test(headers.get('Cache-Control') ?? '')) return;
  for (const [name, value] of Object.entries(privateCaching)) headers.set(name, value);
}
