import type { MiddlewareHandler } from 'hono';
import type { Env } from './env.ts';
import { setAnswerHeader } from './node-headers.ts';

/**
 * Headers that keep browsers from treating a response as a page: charts and messages hold foreign text. `nosniff`
 * forbids guessing types. The Content Security Policy (level 3) forbids loading and running anything. Framing is
 * forbidden in the new and the old way.
 */
export const securityHeaders: Record<string, string> = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Frame-Options': 'DENY',
};

/** Content Security Policy of the registry's own pages. Swagger UI writes styles and images into the page. */
export const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Creates the middleware that sets {@link securityHeaders}; a route may set another policy. */
export function createSecurityHeaders(): MiddlewareHandler<Env> {
  const headers = Object.entries(securityHeaders);
  return async (c, next) => {
    for (const [name, value] of headers) setAnswerHeader(c, name, value);
    await next();
  };
}
