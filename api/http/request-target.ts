import type { IncomingMessage } from 'node:http';
import { RegistryError } from '../../core/errors.ts';

/** Target of a request: host and path. */
export interface RequestTarget {
  /** Host with its port as sent; undefined when a client of HTTP/1.0 sent none. */
  host: string | undefined;
  /** Path as sent, still encoded, without the query. */
  path: string;
}

/**
 * Reads the host and path of a request. An absolute target's host wins over the `Host` header (RFC 9112 section
 * 3.2.2), because routes and links are made from the target.
 * @returns the error when the host is named twice or is not a host: another reader might take the other one
 */
export function readTarget({
  url = '',
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'url' | 'headers' | 'rawHeaders'>): RequestTarget | RegistryError {
  if (hasTwoHosts(rawHeaders)) {
    return new RegistryError(
      'request.invalid',
      'The request has more than one Host header. Send one: proxies and servers differ in which of two they go by.',
    );
  }
  const absolute = url.startsWith('/') ? undefined : /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(url);
  const host = absolute ? (absolute[1] ?? '') : headers.host;
  if (host !== undefined && !(absolute ? authorityPattern : optionalAuthorityPattern).test(host)) {
    return new RegistryError(
      'request.invalid',
      `${JSON.stringify(host.slice(0, 100))} is not a host. Name the registry as HOST or HOST:PORT, without a user.`,
    );
  }
  const path = url.slice(absolute?.[0].length ?? 0).replace(/[?#].*$/s, '');
  return { host, path };
}

/**
 * Pattern of host and port without a user (RFC 9110 section 4.2.4). A `Host` header may be empty (RFC 9112 section
 * 3.2).
 */
const authorityPattern = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::\d*)?$/i;

/** Tells whether a text is a host, with or without a port. */
export function isAuthority(text: string): boolean {
  return authorityPattern.test(text);
}

const optionalAuthorityPattern = new RegExp(`^$|${authorityPattern.source}`, 'i');

/**
 * Checks for two `Host` headers, of which Node shows the first only. A server must refuse that (RFC 9112 section
 * 3.2).
 */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}
