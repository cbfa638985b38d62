/** Media types of icons that are sent; a browser knows each of them. */
export const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml'] as const;

/** Media type of an icon. */
export type ImageType = (typeof imageTypes)[number];

/** Bytes by which each type is known, in Latin-1, by their offsets. */
const signatures: readonly [ImageType, readonly [offset: number, bytes: string][]][] = [
  ['image/png', [[0, '\x89PNG\r\n\x1a\n']]],
  ['image/jpeg', [[0, '\xff\xd8\xff']]],
  ['image/gif', [[0, 'GIF8']]],
  [
    'image/webp',
    [
      [0, 'RIFF'],
      [8, 'WEBP'],
    ],
  ],
];

/** Largest start of an SVG that is searched for its root element, in bytes: comments and licences stand before it. */
const maxProlog = 64 * 1024;

/** Finds the type of an image by its bytes, whatever its name or sender says. Undefined stands for anything else. */
export function imageTypeOf(bytes: Uint8Array): ImageType | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1');
  const found = signatures.find(([, parts]) =>
    parts.every(([offset, text]) => head.startsWith(text, offset)),
  );
  return found?.[0] ?? (isSvg(bytes) ? 'image/svg+xml' : undefined);
}

/** Tells whether bytes are an XML document in UTF-8 whose root element is `svg`. */
function isSvg(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, maxProlog)).toString(
    'utf8',
  );
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at += 1;
    const end = endOfProlog(text, at);
    if (end === undefined) return /^<(?:svg:)?svg[\s>/]/.test(text.slice(at, at + 10));
    if (end < 0) return false;
    at = end;
  }
}

/** Parts of a document before its root, by how they begin and end. A document type with entities has no such end. */
const prologParts: readonly [begin: string, end: string][] = [
  ['<?', '?>'],
  ['<!--', '-->'],
  ['<!DOCTYPE', '>'],
];

/** Finds the end of a part before the root; undefined where none begins, -1 where it does not end. */
function endOfProlog(text: string, at: number): number | undefined {
  const part = prologParts.find(([begin]) => text.startsWith(begin, at));
  if (!part) return undefined;
  const [begin, end] = part;
  const found = text.indexOf(end, at + begin.length);
  if (found < 0 || (begin === '<!DOCTYPE' && text.slice(at, found).includes('['))) return -1;
  return found + end.length;
}
