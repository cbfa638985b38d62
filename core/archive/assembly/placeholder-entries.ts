import {
  blockSize,
  checksumDigits,
  checksumOffset,
  maxPrefixBytes,
  paddingOf,
  prefixOffset,
  writeTarHeader,
} from '../tar-header.ts';
import { type BodyFile, blankChecksum } from './body.ts';

/** Tar entries of files whose folder is not known yet. */
export interface PlaceholderEntries {
  bytes: Buffer;
  files: BodyFile[];
  /** Offset of each file's header in `bytes`. */
  headers: number[];
}

// Kinds of a byte of an entry. The kinds between the two are positions in the folder, counted from 1.

/** Kind of a byte that depends on nothing. */
export const fixedByteKind = 0;

/** Kind of a digit of a header's checksum. */
export const checksumByteKind = 255;

/** Writes entries with an empty folder and checksums of `000000`. */
export function writePlaceholderEntries(
  files: readonly (readonly [path: string, content: Buffer])[],
): PlaceholderEntries {
  const parts: Buffer[] = [];
  const headers: number[] = [];
  let length = 0;
  const listed = files.map(([path, content]): BodyFile => {
    const header = writeTarHeader({ name: path, prefix: '' }, content.length, '0');
    const checksum = blankChecksum(header);
    headers.push(length);
    parts.push(header, content, Buffer.alloc(paddingOf(content.length)));
    length += blockSize + content.length + paddingOf(content.length);
    return { path, size: content.length, checksum };
  });
  return { bytes: Buffer.concat(parts), files: listed, headers };
}

/**
 * Fills the places of folder and checksums with noise. Then zlib treats the noise as it would the real ones. Every
 * folder gets the same noise, so that headers copy it; every checksum gets another, so that nothing copies it.
 * @returns the kind of each byte
 */
export function addNoise({ bytes, headers }: PlaceholderEntries): Uint8Array {
  const kinds = new Uint8Array(bytes.length);
  const folder = createNoise(1, maxPrefixBytes);
  const checksums = createNoise(3, checksumDigits * headers.length);
  for (const [index, header] of headers.entries()) {
    bytes.set(folder, header + prefixOffset);
    bytes.set(
      checksums.subarray(index * checksumDigits, (index + 1) * checksumDigits),
      header + checksumOffset,
    );
    kinds.fill(checksumByteKind, header + checksumOffset, header + checksumOffset + checksumDigits);
    for (let place = 0; place < maxPrefixBytes; place += 1) kinds[header + prefixOffset + place] = place + 1;
  }
  return kinds;
}

/**
 * Creates pseudo-random bytes from 128 on, which text seldom has. The same seed gives the same bytes on every
 * machine.
 */
export function createNoise(seed: number, length: number): Buffer {
  let state = seed;
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) {
    // Knuth's linear congruential generator; only its high bits are random enough.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = 128 | (state >>> 25);
  }
  return bytes;
}
