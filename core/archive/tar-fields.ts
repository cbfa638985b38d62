/** Tar formats that Go distinguishes by their magic and whose fields differ. */
type TarFormat = 'v7' | 'ustar' | 'star' | 'gnu';

/** Header of a tar entry as its block has it, before extended headers are applied. */
export interface TarHeader {
  /** Type flag, one character. */
  type: string;
  /** Path as a text with one character for each byte. */
  name: string;
  /** Bytes of the content. */
  size: number;
  /** Whether the mode marks a folder, whatever the type flag says. */
  folderMode: boolean;
}

/**
 * Parses a header block as Go's archive/tar does. Every field for which Go may refuse a header is read.
 * @returns undefined where Go's reader says `invalid tar header`
 */
export function parseTarHeader(head: Buffer): TarHeader | undefined {
  if (!checksumMatches(head)) return undefined;
  const format = tarFormatOf(head);
  const size = parseNumeric(head, 124, 12);
  if (size === undefined || !areNumericFields(head, modeOwnerTimeFields)) return undefined;
  if (format !== 'v7' && !areNumericFields(head, deviceFields)) return undefined;
  if (format === 'star' && !areNumericFields(head, starTimeFields)) return undefined;
  const prefix = readPrefix(head, format);
  const name = readCString(head, 0, 100);
  return {
    type: String.fromCharCode(head[156] ?? 0),
    name: prefix === '' ? name : `${prefix}/${name}`,
    size,
    folderMode: (readLowModeBits(head) & ~0o7777) >>> 0 === 0o40000,
  };
}

type FieldSpan = readonly [start: number, length: number];
const modeOwnerTimeFields: readonly FieldSpan[] = [
  [100, 8],
  [108, 8],
  [116, 8],
  [136, 12],
];
const deviceFields: readonly FieldSpan[] = [
  [329, 8],
  [337, 8],
];
const starTimeFields: readonly FieldSpan[] = [
  [476, 12],
  [488, 12],
];
const gnuTimeFields: readonly FieldSpan[] = [
  [345, 12],
  [357, 12],
];

function tarFormatOf(head: Buffer): TarFormat {
  const magic = head.toString('latin1', 257, 265);
  if (magic.startsWith('ustar\0')) return head.toString('latin1', 508, 512) === 'tar\0' ? 'star' : 'ustar';
  return magic === 'ustar  \0' ? 'gnu' : 'v7';
}

/**
 * Reads the folders that stand before the name. Old versions of Go wrote them into the time fields of GNU headers. As
 * in Go, the prefix of a GNU header counts only where these fields hold no valid times
 * (https://golang.org/issues/12594).
 */
function readPrefix(head: Buffer, format: TarFormat): string {
  if (format === 'ustar') return readCString(head, 345, 155);
  if (format === 'star') return readCString(head, 345, 131);
  if (format === 'v7') return '';
  const times = gnuTimeFields.filter(([start]) => head[start] !== 0);
  if (areNumericFields(head, times)) return '';
  const prefix = readCString(head, 345, 155);
  return isAscii(prefix) ? prefix : '';
}

function areNumericFields(head: Buffer, fields: readonly FieldSpan[]): boolean {
  return fields.every(([start, length]) => parseNumeric(head, start, length) !== undefined);
}

/** Reads the lowest 32 bits of the mode, the only ones that Go uses. */
function readLowModeBits(head: Buffer): number {
  const binary = (head[100] ?? 0) >= 0x80;
  return binary ? head.readUInt32BE(104) : (parseOctal(head, 100, 8) ?? 0);
}

/** Reads a text up to the first NUL, with one character for each byte. */
export function readCString(bytes: Buffer, start: number, length: number): string {
  const end = bytes.indexOf(0, start);
  return bytes.toString('latin1', start, end < 0 || end > start + length ? start + length : end);
}

/** Tells whether all characters of a text are ASCII. */
export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

/**
 * Parses a number in octal text, or in base 256 where the first bit is set; the second bit then is the sign.
 * Numbers of more than 53 bits are rounded, which is harmless: no size is that large.
 */
function parseNumeric(head: Buffer, start: number, length: number): number | undefined {
  const first = head[start] ?? 0;
  if (first < 0x80) return parseOctal(head, start, length);
  const invert = (first & 0x40) === 0 ? 0 : 0xff;
  let value = 0n;
  for (let index = start; index < start + length; index += 1) {
    const byte = (head[index] ?? 0) ^ invert;
    value = value * 256n + BigInt(index === start ? byte & 0x7f : byte);
  }
  if (value >= 2n ** 63n) return undefined;
  return Number(invert === 0 ? value : -value - 1n);
}

function parseOctal(head: Buffer, start: number, length: number): number | undefined {
  let at = start;
  let end = start + length;
  while (at < end && isBlank(head[at])) at += 1;
  while (end > at && isBlank(head[end - 1])) end -= 1;
  let value = 0;
  for (; at < end && head[at] !== 0; at += 1) {
    const digit = (head[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) return undefined;
    value = value * 8 + digit;
  }
  return value;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0;
}

/** Tells whether the header's checksum is the sum of its bytes, unsigned or signed, its own field counted as spaces. */
function checksumMatches(head: Buffer): boolean {
  const stated = parseOctal(head, 148, 8);
  let unsigned = 8 * 0x20;
  let high = 0;
  for (let index = 0; index < head.length; index += 1) {
    if (index === 148) index = 156;
    const byte = head[index] ?? 0;
    unsigned += byte;
    if (byte > 0x7f) high += 1;
  }
  return stated === unsigned || stated === unsigned - high * 256;
}
