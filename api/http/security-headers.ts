import type { MiddlewareHandler } from 'hono';
import type { Env } from './env.ts';

/**
 * Headers that keep a browser from reading an answer as a page of ours: charts and messages hold what strangers wrote.
 * No sniffing of types (`nosniff`), nothing is loaded or run (Content Security Policy level 3), no frame around it.
 */
export const securityHeaders: Record<string, string> = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Frame-Options': 'DENY',
};

/** The policy of a page of ours: scripts and styles from here alone. Swagger UI writes styles and images into the page. */
export const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Sets the headers of {@link securityHeaders} on every answer; a route may set another policy. */
export function createSecurityHeaders(): MiddlewareHandler<Env> {
  const headers = Object.entries(securityHeaders);
  return async (c, next) => {
    for (const [name, value] of headers) c.header(name, value);
    await next();
  };
}
