/** Bytes of a tar block. A header is one block; contents are padded to whole blocks. */
export const blockSize = 512;

/** Returns the number of zeros behind a content of `size` bytes. */
export function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/** Modification time of every entry, 1980-01-01T00:00:00Z in seconds; tools warn of implausibly old times. */
const modifiedAtSeconds = 315_532_800;

/** Path split into ustar's two fields. */
export interface HeaderPath {
  name: string;
  prefix: string;
}

/** Bytes of ustar's `name` field. */
export const maxNameBytes = 100;

/** Bytes of ustar's `prefix` field. */
export const maxPrefixBytes = 155;

/** Folder of a chart at the start of a path, with the folders of the charts around it. */
const chartFolderPattern = /^[^/]+(?:\/charts\/[^/]+)*(?=\/)/;

/**
 * Splits a path into ustar's fields. The fields are 100 bytes of name, 155 of prefix for the folders before a `/`
 * (POSIX.1-1988). The prefix is the folder of the file's chart where that fits, so that the name is the same in every
 * chart made of it.
 * @returns undefined for a path that is too long or not ASCII, and so needs a pax header
 */
export function splitPath(path: string): HeaderPath | undefined {
  if (!isPrintableAscii(path)) return undefined;
  const folder = chartFolderPattern.exec(path)?.[0].length ?? 0;
  if (folder > 0 && fitsHeaderFields(path, folder)) return splitPathAt(path, folder);
  if (path.length <= maxNameBytes) return { name: path, prefix: '' };
  const slash = path.indexOf('/', path.length - maxNameBytes - 1);
  return slash > 0 && fitsHeaderFields(path, slash) ? splitPathAt(path, slash) : undefined;
}

/** Tells whether a path consists of printable ASCII. */
export function isPrintableAscii(path: string): boolean {
  return /^[\x20-\x7e]+$/.test(path);
}

function fitsHeaderFields(path: string, slash: number): boolean {
  const rest = path.length - slash - 1;
  return slash <= maxPrefixBytes && rest > 0 && rest <= maxNameBytes;
}

function splitPathAt(path: string, slash: number): HeaderPath {
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

/**
 * Writes a ustar header with fixed time, mode and owner. So the header depends only on the arguments.
 * @param size bytes of the content
 * @param type `0` for a file, `x` for a pax header of the entry that follows
 * @param padding number of zeros to put before the header, 0 by default
 */
export function writeTarHeader(path: HeaderPath, size: number, type: '0' | 'x', padding = 0): Buffer {
  const header = Buffer.allocUnsafe(padding + blockSize);
  header.fill(0, 0, padding);
  header.set(headerTemplate, padding);
  let sum = templateSum;
  sum += writeAscii(header, padding, path.name);
  sum += writeAscii(header, padding + 124, size.toString(8).padStart(11, '0'));
  sum += writeAscii(header, padding + 156, type);
  sum += writeAscii(header, padding + prefixOffset, path.prefix);
  writeAscii(header, padding + checksumOffset, sum.toString(8).padStart(checksumDigits, '0'));
  header[padding + checksumOffset + checksumDigits] = 0;
  return header;
}

/** Offset of the checksum in a header: the sum of its bytes, with its own field counted as spaces. */
export const checksumOffset = 148;

/** Number of octal digits of the checksum. */
export const checksumDigits = 6;

/** Offset of the `prefix` field in a header. */
export const prefixOffset = 345;

/** Sums the bytes of an ASCII text, for a header's checksum. */
export function sumOfText(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index += 1) sum += text.charCodeAt(index);
  return sum;
}

/**
 * Writes an ASCII text; for short texts this loop is faster than `Buffer.write`.
 * @returns the sum of the bytes
 */
function writeAscii(bytes: Uint8Array, at: number, text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    bytes[at + index] = unit;
    sum += unit;
  }
  return sum;
}

const headerTemplate = makeTemplate();
const templateSum = headerTemplate.reduce((sum, byte) => sum + byte, 0);

function makeTemplate(): Buffer {
  const header = Buffer.alloc(blockSize);
  header.write('0000644\0', 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  header.write(`${modifiedAtSeconds.toString(8).padStart(11, '0')}\0`, 136, 'latin1');
  header.write('        ', 148, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  header.write('0000000\0', 329, 'latin1');
  header.write('0000000\0', 337, 'latin1');
  return header;
}
