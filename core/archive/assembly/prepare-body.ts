import { deflateRawSync } from '../../runtime/zlib-streams.ts';
import { computeCrcFactors, type DeflatedBody } from './body.ts';
import { type CodedFile, encodeFile } from './coded-file.ts';
import { cutTokens, type TokenAction } from './cut-tokens.ts';
import { beginSection, distributeTokens, endTokenBlock, findSectionStarts } from './distribute-tokens.ts';
import { encodeSection, hasWholeChecksums } from './encode-section.ts';
import { windowSize } from './header-block.ts';
import { addNoise, createNoise, fixedByteKind, writePlaceholderEntries } from './placeholder-entries.ts';
import { parseDeflateStream } from './tokens.ts';

/** File: its path below the chart's folder, and its content. */
type NamedFile = readonly [path: string, content: Buffer];

/** Highest zlib level: a source is deflated once for many archives. */
const zlibLevel = 9;

/**
 * Deflates the unchanging files of a chart together.
 * @returns undefined without files, or where a checksum ends in a partial byte
 */
export function prepareBody(files: readonly NamedFile[]): PreparedBody | undefined {
  if (files.length === 0) return undefined;
  const entries = writePlaceholderEntries(files);
  const factors = computeCrcFactors(entries.bytes, entries.headers);
  const kinds = addNoise(entries);
  const { bytes, headers } = entries;
  const all = {
    entries,
    kinds,
    parsed: parseDeflateStream(deflateRawSync(bytes, { level: zlibLevel }), bytes.length),
  };
  const starts = findSectionStarts(all);
  const sections = starts.map((file) => beginSection(file, headers[file] ?? 0));
  distributeTokens(all, starts, sections);
  const sizes = entries.files.map(({ size }) => size);
  const body = {
    files: entries.files,
    sections: sections.map(encodeSection),
    size: bytes.length,
    contents: sizes.reduce((sum, size) => sum + size, 0),
    maxSize: Math.max(...sizes),
    ...factors,
  };
  return body.sections.every(hasWholeChecksums) ? { body, bytes, kinds } : undefined;
}

/** Body with the placeholder entries that it was made of. */
export interface PreparedBody {
  body: DeflatedBody;
  /** Tar entries, with noise in place of the folder and the checksums. */
  bytes: Buffer;
  /** Kind of each byte, as `addNoise` returns it. */
  kinds: Uint8Array;
}

/**
 * Deflates a file that may change. The file stands behind a body, from which it copies.
 * @param gapBytes bytes between the body and the file's content; nothing is copied from these
 */
export function prepareCodedFile(
  content: Buffer,
  before: PreparedBody | undefined,
  gapBytes: number,
): CodedFile {
  const length = before?.bytes.length ?? 0;
  const gap = createNoise(2, gapBytes);
  const window = Buffer.concat([before?.bytes ?? Buffer.alloc(0), gap]).subarray(-windowSize);
  const stream = deflateRawSync(content, { level: zlibLevel, dictionary: window });
  const tokens: number[] = [];
  const ends: number[] = [];
  cutTokens(
    content,
    parseDeflateStream(stream, content.length),
    (at, distance): TokenAction => {
      if (distance === 0) return 'literal';
      const place = at - distance + length + gapBytes;
      return at >= distance || (place < length && before?.kinds[place] === fixedByteKind)
        ? 'copy'
        : 'literal';
    },
    (token) => tokens.push(token),
    () => endTokenBlock({ tokens, ends }),
  );
  return encodeFile(content, { tokens: Uint32Array.from(tokens), ends }, gapBytes);
}
