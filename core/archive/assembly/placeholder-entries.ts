import { blockSize, maxPrefix, paddingOf, prefixAt, checksumAt, checksumDigits, writeHeader } from '../tar-header.ts';
import { type BodyFile, blankHeader } from './body.ts';

/** Tar entries of files whose folder is not known yet. */
export interface PlaceholderEntries {
  bytes: Buffer;
  files: BodyFile[];
  /** Where each file's header stands. */
  headers: number[];
}

/** What a byte of an entry depends on, beside its place in a folder's name: that is counted from 1. */
export const fixedByte = 0;
export const checksumByte = 255;

/** Entries without a folder, and with sums of zeros. */
export function writeEntries(
  files: readonly (readonly [path: string, content: Buffer])[],
): PlaceholderEntries {
  const parts: Buffer[] = [];
  const headers: number[] = [];
  let length = 0;
  const listed = files.map(([path, content]): BodyFile => {
    const header = writeHeader({ name: path, prefix: '' }, content.length, '0');
    const sum = blankHeader(header);
    headers.push(length);
    parts.push(header, content, Buffer.alloc(paddingOf(content.length)));
    length += blockSize + content.length + paddingOf(content.length);
    return { path, size: content.length, sum };
  });
  return { bytes: Buffer.concat(parts), files: listed, headers };
}

/**
 * Puts noise where the folder and the sums will be: the same for every folder, so that headers copy it from one another,
 * and another for every sum, so that nothing does.
 * @returns for each byte, what it depends on
 */
export function addNoise({ bytes, headers }: PlaceholderEntries): Uint8Array {
  const kinds = new Uint8Array(bytes.length);
  const folder = createNoise(1, maxPrefix);
  const sums = createNoise(3, checksumDigits * headers.length);
  for (const [index, header] of headers.entries()) {
    bytes.set(folder, header + prefixAt);
    bytes.set(sums.subarray(index * checksumDigits, (index + 1) * checksumDigits), header + checksumAt);
    kinds.fill(checksumByte, header + checksumAt, header + checksumAt + checksumDigits);
    for (let place = 0; place < maxPrefix; place += 1) kinds[header + prefixAt + place] = place + 1;
  }
  return kinds;
}

/** Bytes that text seldom has; the same everywhere, so that what is made of them is. */
export function createNoise(seed: number, length: number): Buffer {
  let state = seed;
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) {
    // Knuth's linear congruence; its high bits are the random ones.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = 128 | (state >>> 25);
  }
  return bytes;
}
