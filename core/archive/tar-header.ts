/** Bytes of a tar block; headers are one, contents are padded to whole ones. */
export const blockSize = 512;

/** Zeros behind a content of so many bytes. */
export function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/** 1980-01-01T00:00:00Z in seconds: late enough that no tool warns of an implausibly old time. */
const modified = 315_532_800;

/** A path as ustar's two fields hold it. */
export interface HeaderPath {
  name: string;
  prefix: string;
}

/** What the two fields hold. */
export const maxName = 100;
export const maxPrefix = 155;

/** A chart's folder, and those of the charts around it. */
const chartFolder = /^[^/]+(?:\/charts\/[^/]+)*(?=\/)/;

/**
 * Puts a path into ustar's fields: 100 bytes, and 155 for the folders before a `/` (POSIX.1-1988). The folder of the chart
 * that a file belongs to stands in the second one if it can: so the first is the same in every chart made of that one.
 * @returns undefined when it is longer than they hold, or not ASCII: then it needs a pax header
 */
export function splitPath(path: string): HeaderPath | undefined {
  if (!isPlain(path)) return undefined;
  const folder = chartFolder.exec(path)?.[0].length ?? 0;
  if (folder > 0 && fits(path, folder)) return splitAt(path, folder);
  if (path.length <= maxName) return { name: path, prefix: '' };
  const slash = path.indexOf('/', path.length - maxName - 1);
  return slash > 0 && fits(path, slash) ? splitAt(path, slash) : undefined;
}

/** Whether a path is of ASCII that can be printed. */
export function isPlain(path: string): boolean {
  return /^[\x20-\x7e]+$/.test(path);
}

function fits(path: string, slash: number): boolean {
  const rest = path.length - slash - 1;
  return slash <= maxPrefix && rest > 0 && rest <= maxName;
}

function splitAt(path: string, slash: number): HeaderPath {
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

/**
 * A ustar header that depends on nothing but its arguments: fixed time, mode and owner.
 * @param size bytes of the content
 * @param type `0` for a file, `x` for a pax header of the entry that follows
 * @param padding zeros before it
 */
export function writeHeader(path: HeaderPath, size: number, type: '0' | 'x', padding = 0): Buffer {
  const header = Buffer.allocUnsafe(padding + blockSize);
  header.fill(0, 0, padding);
  header.set(template, padding);
  let sum = templateSum;
  sum += writeAscii(header, padding, path.name);
  sum += writeAscii(header, padding + 124, size.toString(8).padStart(11, '0'));
  sum += writeAscii(header, padding + 156, type);
  sum += writeAscii(header, padding + prefixAt, path.prefix);
  writeAscii(header, padding + checksumAt, sum.toString(8).padStart(checksumDigits, '0'));
  header[padding + checksumAt + checksumDigits] = 0;
  return header;
}

/** What a header says its bytes are in sum, its own field taken as blanks; in as many octal digits. */
export const checksumAt = 148;
export const checksumDigits = 6;

/** Where the folders before the name stand. */
export const prefixAt = 345;

/** The sum of a text's bytes, as headers need it. */
export function sumOfText(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index += 1) sum += text.charCodeAt(index);
  return sum;
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
  const header = Buffer.alloc(blockSize);
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
