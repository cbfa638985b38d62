/** Icon that a Chart.yaml declares. */
export type DeclaredIcon =
  | { kind: 'url'; url: string }
  | { kind: 'data'; bytes: Uint8Array<ArrayBuffer> }
  /** Paths in the archive that the text may mean, the likelier first. */
  | { kind: 'file'; paths: string[] };

/** Largest icon in bytes, wherever it is from. */
export const maxIconBytes = 1024 * 1024;

/**
 * Reads `icon` of a Chart.yaml. An icon is an address of the web, a `data:` URL, or a path in the archive, with
 * `file://` or without. A path never leaves the archive, since it names a file of its list.
 * @returns undefined for anything else
 */
export function readDeclaredIcon(icon: string): DeclaredIcon | undefined {
  const text = icon.trim();
  if (/^https?:\/\//i.test(text)) return { kind: 'url', url: text };
  if (/^data:/i.test(text)) return readDataUrl(text);
  const path = text.replace(/^file:(?:\/\/)?/i, '');
  if (path === text && /^[a-z][a-z\d+.-]*:/i.test(text)) return undefined;
  const paths = [path, decode(path)].flatMap((spelling) => cleanPath(spelling) ?? []);
  return paths.length === 0 ? undefined : { kind: 'file', paths };
}

function readDataUrl(text: string): DeclaredIcon | undefined {
  const comma = text.indexOf(',');
  if (comma < 0 || text.length > 2 * maxIconBytes) return undefined;
  const isBase64 = /;\s*base64\s*$/i.test(text.slice(0, comma));
  const data = decode(text.slice(comma + 1));
  const bytes = new Uint8Array(Buffer.from(data, isBase64 ? 'base64' : 'utf8'));
  return bytes.length <= maxIconBytes ? { kind: 'data', bytes } : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function cleanPath(path: string): string | undefined {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.length === 0 || segments.includes('..') ? undefined : segments.join('/');
}
