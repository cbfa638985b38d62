import type { IncomingHttpHeaders } from 'node:http';
import type { Context as HonoContext } from 'hono';
import { RegistryError } from '../../core/errors.ts';
import type { Env } from '../http/env.ts';
import { registryBaseUrl } from './client-address.ts';

/** Headers by which browsers tell which page sends a request. */
export type OriginHeaders = Pick<IncomingHttpHeaders, 'origin' | 'sec-fetch-site'>;

/** Methods that change nothing, so that any page may send them. */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Checks that a request with a cookie was not sent by a foreign page. The browser adds the cookie to every request,
 * whatever its content type, so a write must prove its page. Browsers send `Sec-Fetch-Site` over https and on loopback,
 * and `Origin` with each write.
 * @param own origin of the registry as the browser sees it
 * @throws {RegistryError} `origin.forbidden`
 */
export function checkWriteOrigin(method: string, headers: OriginHeaders, own: string): void {
  if (safeMethods.has(method) || isSentByOwnPage(headers, own)) return;
  throw new RegistryError(
    'origin.forbidden',
    'A write with the cookie of a session must come from a page of the registry itself. Programs send a token instead.',
  );
}

/** Checks by {@link checkWriteOrigin} that a page of the registry sent a request. @throws {RegistryError} */
export function checkSentByOwnPage(c: HonoContext<Env>): void {
  const headers = { origin: c.req.header('origin'), 'sec-fetch-site': c.req.header('sec-fetch-site') };
  checkWriteOrigin(c.req.method, headers, registryBaseUrl(c));
}

/** Checks that no foreign page sent a request without a cookie; programs may send it. @throws {RegistryError} */
export function checkNotSentByForeignPage(c: HonoContext<Env>): void {
  if (c.req.header('origin') !== undefined || c.req.header('sec-fetch-site') !== undefined)
    checkSentByOwnPage(c);
}

function isSentByOwnPage({ origin, 'sec-fetch-site': site }: OriginHeaders, own: string): boolean {
  // `none` is an address that the user typed; no page can send that.
  return site === undefined ? origin === own : site === 'same-origin' || site === 'none';
}
