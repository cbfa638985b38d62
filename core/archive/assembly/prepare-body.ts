import { deflateRawSync } from 'node:zlib';
import { type Body, crcFactors } from './body.ts';
import { encodeSection, hasWholeChecksums } from './code-section.ts';
import { type CodedFile, encodeFile } from './coded-file.ts';
import { cutTokens, type TokenAction } from './cut-tokens.ts';
import { windowSize } from './header-block.ts';
import { addNoise, createNoise, fixedByte, writeEntries } from './placeholder-entries.ts';
import { beginSection, endTokenBlock, findSectionStarts, distributeTokens } from './share-tokens.ts';
import { readTokens } from './tokens.ts';

/** A file by its path below the chart's folder. */
type NamedFile = readonly [path: string, content: Buffer];

/** It is done once for many archives. */
const level = 9;

/**
 * Deflates files that stay as they are as one.
 * @returns undefined where there is none, or one of them cannot be part of it
 */
export function prepareBody(files: readonly NamedFile[]): PreparedBody | undefined {
  if (files.length === 0) return undefined;
  const entries = writeEntries(files);
  const factors = crcFactors(entries.bytes, entries.headers);
  const kinds = addNoise(entries);
  const { bytes, headers } = entries;
  const all = { entries, kinds, parsed: readTokens(deflateRawSync(bytes, { level }), bytes.length) };
  const own = findSectionStarts(all);
  const sections = own.map((file) => beginSection(file, headers[file] ?? 0));
  distributeTokens(all, own, sections);
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

/** A body, and its tar entries with noise in the place of what is not known yet. */
export interface PreparedBody {
  body: Body;
  bytes: Buffer;
  kinds: Uint8Array;
}

/**
 * Deflates a file that may change, for a place behind a body.
 * @param lead bytes between the two
 */
export function prepareFile(content: Buffer, before: PreparedBody | undefined, lead: number): CodedFile {
  const length = before?.bytes.length ?? 0;
  const gap = createNoise(2, lead);
  const window = Buffer.concat([before?.bytes ?? Buffer.alloc(0), gap]).subarray(-windowSize);
  const stream = deflateRawSync(content, { level, dictionary: window });
  const tokens: number[] = [];
  const ends: number[] = [];
  cutTokens(
    content,
    readTokens(stream, content.length),
    (at, distance): TokenAction => {
      if (distance === 0) return 'literal';
      const place = at - distance + length + lead;
      return at >= distance || (place < length && before?.kinds[place] === fixedByte) ? 'copy' : 'literal';
    },
    (token) => tokens.push(token),
    () => endTokenBlock({ tokens, ends }),
  );
  return encodeFile(content, { tokens: Uint32Array.from(tokens), ends }, lead);
}
