/** Bytes of a tar block; headers are one, contents are padded to whole ones. */
export const block = 512;

/** Zeros behind a content of so many bytes. */
export function paddingOf(size: number): number {
  return (block - (size % block)) % block;
}

/** 1980-01-01T00:00:00Z in seconds: late enough that no tool warns of an implausibly old time. */
const modified = 315_532_800;

/** A path as ustar's two fields hold it. */
export interface HeaderPath {
  name: string;
  prefix: string;
}

/**
 * Puts a path into ustar's fields: 100 bytes, and 155 for the folders before a `/` (POSIX.1-1988).
 * @returns undefined when it is longer than they hold, or not ASCII: then it needs a pax header
 */
export function splitPath(path: string): HeaderPath | undefined {
  if (!/^[\x20-\x7e]+$/.test(path)) return undefined;
  if (path.length <= 100) return { name: path, prefix: '' };
  const slash = path.indexOf('/', path.length - 101);
  if (slash <= 0 || slash > 155 || slash === path.length - 1) return undefined;
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

/**
 * A ustar header that depends on nothing but its arguments: fixed time, mode and owner.
 * @param size bytes of the content
 * @param type `0` for a file, `x` for a pax header of the entry that follows
 * @param padding zeros before it
 */
export function writeHeader(path: HeaderPath, size: number, type: '0' | 'x', padding = 0): Buffer {
  const header = Buffer.allocUnsafe(padding + block);
  header.fill(0, 0, padding);
  header.set(template, padding);
  // The sum of all bytes, its own field taken as blanks.
  let sum = templateSum;
  sum += writeAscii(header, padding, path.name);
  sum += writeAscii(header, padding + 124, size.toString(8).padStart(11, '0'));
  sum += writeAscii(header, padding + 156, type);
  sum += writeAscii(header, padding + 345, path.prefix);
  writeAscii(header, padding + 148, sum.toString(8).padStart(6, '0'));
  header[padding + 154] = 0;
  return header;
}

/** Quicker than a call into the runtime for so little. @returns the sum of the bytes */
function writeAscii(bytes: Uint8Array, at: number, text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    bytes[at + index] = unit;
    sum += unit;
  }
  return sum;
}

const template = makeTemplate();
const templateSum = template.reduce((sum, byte) => sum + byte, 0);

function makeTemplate(): Buffer {
  const header = Buffer.alloc(block);
  header.write('0000644\0', 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  header.write(`${modified.toString(8).padStart(11, '0')}\0`, 136, 'latin1');
  header.write('        ', 148, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  header.write('0000000\0', 329, 'latin1');
  header.write('0000000\0', 337, 'latin1');
  return header;
}
