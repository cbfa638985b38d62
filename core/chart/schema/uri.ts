import { isIpv6 } from './format-hosts.ts';

/** A URL in the parts of Go's net/url. */
export interface Uri {
  scheme: string;
  /** Rest of a URL without a slash after its scheme, such as `urn:x`. */
  opaque: string;
  authority: string | undefined;
  path: string;
  query: string | undefined;
}

const userinfo = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
const hostname = /^(?:[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"\u0080-\u{10FFFF}]|%25|%[89A-Fa-f][0-9A-Fa-f])*$/u;
const brokenEscape = /%(?![0-9A-Fa-f]{2})/;

/**
 * Parses a URL as Go's `url.Parse` does, which is more lenient than the URL standard.
 *
 * @param text without a fragment
 * @returns undefined if Go refuses the text
 */
export function parseUri(text: string): Uri | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Go refuses control characters.
  if (/[\x00-\x1f\x7f]/.test(text) || text.startsWith(':')) return undefined;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1] ?? '';
  let rest = scheme === '' ? text : text.slice(scheme.length + 1);
  const mark = rest.indexOf('?');
  const query = mark === -1 ? undefined : rest.slice(mark + 1);
  if (mark !== -1) rest = rest.slice(0, mark);
  const uri: Uri = { scheme: scheme.toLowerCase(), opaque: '', authority: undefined, path: rest, query };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...uri, opaque: rest, path: '' };
    if (/^[^/]*:/.test(rest)) return undefined;
  }
  if (rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))) {
    const end = rest.indexOf('/', 2);
    uri.authority = end === -1 ? rest.slice(2) : rest.slice(2, end);
    uri.path = end === -1 ? '' : rest.slice(end);
    if (!isAuthority(uri.authority)) return undefined;
  }
  return brokenEscape.test(uri.path) ? undefined : uri;
}

/** Returns the host without port and brackets, as Go's `URL.Hostname` does. */
export function hostOf({ authority = '' }: Uri): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host.startsWith('[')) return host.slice(1, host.lastIndexOf(']'));
  return host.replace(/:\d*$/, '');
}

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0));
  const host = authority.slice(at + 1);
  if (!userinfo.test(user) || brokenEscape.test(user)) return false;
  const inner = host.startsWith('[')
    ? host.slice(host.lastIndexOf(']') + 1)
    : host.slice(host.lastIndexOf(':'));
  // Brackets hold only an IPv6 address, with a zone after an encoded percent sign.
  if (host.lastIndexOf('[') > 0 || (host.startsWith('[') && !isBracketed(host))) return false;
  if (!host.startsWith('[') && !host.includes(':')) return hostname.test(host);
  return /^(?::\d*)?$/.test(inner) && hostname.test(host);
}

function isBracketed(host: string): boolean {
  const end = host.lastIndexOf(']');
  const [address = '', ...zone] = host.slice(1, Math.max(end, 0)).split('%25');
  return isIpv6(address) && (zone.length === 0 || zone.join('%25') !== '');
}

/** Formats a URL with path characters escaped, so that equal URLs have equal texts. */
export function formatUri({ scheme, opaque, authority, path, query }: Uri): string {
  const start = scheme === '' ? '' : `${scheme}:`;
  const host = authority === undefined ? '' : `//${authority}`;
  const plain = path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]/gu, (char) =>
    encodeURIComponent(char.replace(/\p{Surrogate}/u, '\uFFFD')),
  );
  return `${start}${opaque}${host}${plain}${query === undefined ? '' : `?${query}`}`;
}

/**
 * Resolves a reference against a URL as Go's `ResolveReference` does.
 *
 * @returns undefined if one of them is not a URL
 */
export function joinUri(base: string, reference: string): string | undefined {
  const from = parseUri(base);
  const to = parseUri(reference);
  if (!from || !to) return undefined;
  if (to.scheme !== '') return formatUri(to.opaque === '' ? { ...to, path: resolvePath(to.path, '') } : to);
  if (from.opaque !== '')
    return formatUri({ ...from, query: to.path === '' ? (to.query ?? from.query) : to.query });
  if (to.authority !== undefined)
    return formatUri({ ...to, scheme: from.scheme, path: resolvePath(to.path, '') });
  const query = to.path === '' && to.query === undefined ? from.query : to.query;
  return formatUri({ ...from, path: resolvePath(from.path, to.path), query });
}

function resolvePath(base: string, reference: string): string {
  let full = reference;
  if (reference === '') full = base;
  else if (!reference.startsWith('/')) full = base.slice(0, base.lastIndexOf('/') + 1) + reference;
  if (full === '') return '';
  const kept: string[] = [];
  const parts = full.split('/');
  for (const part of parts) {
    if (part === '..') kept.pop();
    else if (part !== '.') kept.push(part);
  }
  const last = parts.at(-1);
  if (last === '.' || last === '..') kept.push('');
  const path = kept.join('/');
  return path.startsWith('/') ? path : `/${path}`;
}

/** Splits a reference at its fragment and decodes it; undefined if an escape is broken. */
export function splitFragment(reference: string): { url: string; fragment: string } | undefined {
  const hash = reference.indexOf('#');
  if (hash === -1) return { url: reference, fragment: '' };
  try {
    return { url: reference.slice(0, hash), fragment: decodeURIComponent(reference.slice(hash + 1)) };
  } catch {
    return undefined;
  }
}
