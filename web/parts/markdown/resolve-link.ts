/** Meaning of an address in a text of a chart. */
export type ResolvedLink =
  | { kind: 'external'; href: string; host: string }
  | { kind: 'file'; path: string; fragment: string }
  | { kind: 'anchor'; id: string }
  | { kind: 'data'; href: string }
  | { kind: 'none' };

/** Protocols of links that leave the page. */
const externalProtocols = new Set(['http:', 'https:', 'mailto:']);
const imageDataPattern = /^data:image\/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]/i;
// A base that no real address has, to tell relative addresses from absolute ones.
const archiveBase = 'archive://chart/';

/**
 * Finds what an address means in a file of a chart. The address means something elsewhere, a file of the archive, or a heading.
 * @param from path of the file that has the address
 * @param isFile whether the archive has a file
 */
export function resolveLink(address: string, from: string, isFile: (path: string) => boolean): ResolvedLink {
  const text = address.trim();
  if (text.startsWith('#')) return { kind: 'anchor', id: decode(text.slice(1)) };
  if (imageDataPattern.test(text)) return { kind: 'data', href: text };
  const isAbsolute = /^[a-z][a-z\d+.-]*:/i.test(text) || text.startsWith('//');
  const url = parse(text, isAbsolute ? undefined : new URL(encodePath(from), archiveBase));
  if (!url) return { kind: 'none' };
  if (isAbsolute) {
    if (!externalProtocols.has(url.protocol)) return { kind: 'none' };
    return { kind: 'external', href: url.href, host: url.host || url.pathname };
  }
  const path = decode(url.pathname.replace(/^\/+/, ''));
  return isFile(path) ? { kind: 'file', path, fragment: decode(url.hash.slice(1)) } : { kind: 'none' };
}

/** Reads the address of a link that must lead elsewhere by HTTP. A home page is one; anything else is none. */
export function readExternalLink(address: string): { href: string; host: string } | undefined {
  const link = resolveLink(address, '', () => false);
  return link.kind === 'external' ? { href: link.href, host: link.host } : undefined;
}

function parse(text: string, base: URL | undefined): URL | undefined {
  // `//host/path` has the protocol of no page: it leads to HTTPS.
  const whole = text.startsWith('//') ? `https:${text}` : text;
  return URL.canParse(whole, base) ? new URL(whole, base) : undefined;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
