import { isLoopbackHost } from '../runtime/loopback-host.ts';

/**
 * Whether a text can be an issuer. An issuer is an https address, or an http one of this machine, without query and
 * fragment.
 */
export function isIssuerUrl(text: string): boolean {
  return text.length <= 500 && isFetchableUrl(text) && !/[?#\s\p{Cc}]/u.test(text);
}

/** Whether a document may be read from an address. Documents are read over https, or over http from this machine. */
export function isFetchableUrl(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
}
