import type { IncomingMessage } from 'node:http';
import { RegistryError } from '../../core/errors.ts';

/** Host and path that a request is for. */
export interface RequestTarget {
  /** Host with its port, as it was sent; undefined where a client of HTTP/1.0 named none. */
  host: string | undefined;
  /** Path as it was sent, still encoded, without its query. */
  path: string;
}

/**
 * Reads which host and path a request is for. The host of an absolute target counts, and not the `Host` header beside it
 * (RFC 9112 section 3.2.2), for that is the one that routes and links are made from.
 * @returns the error where the host is named twice, or is no host: whoever reads the other one sees another request
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
  if (host !== undefined && !(absolute ? authority : optionalAuthority).test(host)) {
    return new RegistryError(
      'request.invalid',
      `${JSON.stringify(host.slice(0, 100))} is no host. Name the registry as HOST or HOST:PORT, without a user.`,
    );
  }
  const path = url.slice(absolute?.[0].length ?? 0).replace(/[?#].*$/s, '');
  return { host, path };
}

/** Host and port without a user (RFC 9110 section 4.2.4); a `Host` header may be empty (RFC 9112 section 3.2). */
const authority = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::\d*)?$/i;
const optionalAuthority = new RegExp(`^$|${authority.source}`, 'i');

/** Whether the `Host` line is there twice, of which Node shows the first only. A server must refuse that (RFC 9112 section 3.2). */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}
