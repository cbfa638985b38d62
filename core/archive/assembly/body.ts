import { crc32 } from 'node:zlib';
import { maxPrefix, prefixAt, checksumAt, checksumDigits, sumOfText, writeHeader } from '../tar-header.ts';
import { align, appendBits, type BitWriter, overwriteBits } from './bits.ts';
import { firstDigit } from './codes.ts';
import { combineCrc, crcMultiplierFor, multiplyCrc } from './crc.ts';
import { deflateHeader } from './header-block.ts';

/**
 * Files of a chart that stay as they are, deflated as one, headers included, for whatever folder the chart will lie in:
 * their headers name it in a field of its own, and copy it from one another. Only the sums of headers depend on it, digits
 * that stand by themselves and have codes of one length.
 */
export interface Body {
  files: BodyFile[];
  sections: Section[];
  /** Bytes in the tar archive, and of the contents alone. */
  size: number;
  contents: number;
  maxSize: number;
  /** CRC-32 of the tar entries as if the folder were nothing and all sums 0, and what another is multiplied by before them. */
  crc: number;
  shift: number;
  /** What the CRC of a folder's field is multiplied by, for all headers. */
  folderFactor: number;
  /** What each bit of a header's sum, from the lowest on, changes in the CRC. */
  sumFactors: Uint32Array;
}

export interface BodyFile {
  /** Below the chart's folder. */
  path: string;
  size: number;
  /** The sum of its header, without the folder. */
  sum: number;
}

/** A part that begins with a header which cannot copy the folder from one before it. */
export interface Section {
  /** The first file, by its number; where its header stands. */
  file: number;
  at: number;
  /** What is behind its header, in whole blocks of so many bits. */
  bytes: Uint8Array;
  bits: number;
  /** Where the sums of the headers in it are to be put. */
  sums: ChecksumPlace[];
}

export interface ChecksumPlace {
  /** In bits, from the section's begin. */
  at: number;
  /** The number of the file. */
  file: number;
  codes: DigitCodes;
}

/** Codes of the octal digits, all of so many bits. */
export interface DigitCodes {
  bits: number;
  codes: Uint16Array;
}

const bitsOfSum = 3 * checksumDigits;

/** Writes a body for a folder. @returns the CRC-32 of what was before and this */
export function writeBody(writer: BitWriter, body: Body, folder: string, crc: number): number {
  const more = sumOfText(folder);
  for (const section of body.sections) {
    const file = body.files[section.file];
    if (!file) continue;
    deflateHeader(writer, headerOf(file, folder), 0, undefined, 0);
    align(writer);
    const from = appendBits(writer, section.bytes, 0, section.bits);
    for (const place of section.sums)
      writeSum(writer, from + place.at, place, more + sumOf(body, place.file));
  }
  return combineCrc(crc, crcOf(body, folder, more), body.shift);
}

export function headerOf({ path, size }: BodyFile, folder: string): Buffer {
  return writeHeader({ name: path, prefix: folder }, size, '0');
}

function sumOf({ files }: Body, file: number): number {
  return files[file]?.sum ?? 0;
}

function writeSum(writer: BitWriter, place: number, { codes: { bits, codes } }: ChecksumPlace, sum: number): void {
  let at = place;
  for (let shift = bitsOfSum - 3; shift >= 0; shift -= 3) {
    overwriteBits(writer, at, codes[(sum >>> shift) & 7] ?? 0, bits);
    at += bits;
  }
}

/** CRC-32 is linear: what a folder and sums change can be added. */
function crcOf(body: Body, folder: string, more: number): number {
  let crc = body.crc ^ multiplyCrc(body.folderFactor, rawCrc(Buffer.from(folder.padEnd(maxPrefix, '\0'))));
  const { files, sumFactors } = body;
  for (let file = 0, at = 0; file < files.length; file += 1, at += bitsOfSum) {
    let sum = (files[file]?.sum ?? 0) + more;
    for (let bit = at; sum > 0; bit += 1, sum >>>= 1) if (sum & 1) crc ^= sumFactors[bit] ?? 0;
  }
  return crc >>> 0;
}

/** The CRC without what it begins and ends with, so that it is linear. */
function rawCrc(bytes: Buffer): number {
  return (crc32(bytes) ^ crc32(Buffer.alloc(bytes.length))) >>> 0;
}

/**
 * What is known of the CRC of tar entries for whatever folder.
 * @param plain the entries, without a folder and with sums of zeros
 * @param headers where they stand
 */
export function crcFactors(
  plain: Buffer,
  headers: readonly number[],
): Pick<Body, 'crc' | 'shift' | 'folderFactor' | 'sumFactors'> {
  let folderFactor = 0;
  const sumFactors = new Uint32Array(headers.length * bitsOfSum);
  const byte = Array.from({ length: 3 }, (_, bit) => rawCrc(Buffer.from([1 << bit])));
  for (const [index, header] of headers.entries()) {
    folderFactor ^= crcMultiplierFor(plain.length - header - prefixAt - maxPrefix);
    for (let bit = 0; bit < bitsOfSum; bit += 1) {
      const digit = header + checksumAt + checksumDigits - 1 - Math.floor(bit / 3);
      const factor = crcMultiplierFor(plain.length - digit - 1);
      sumFactors[index * bitsOfSum + bit] = multiplyCrc(factor, byte[bit % 3] ?? 0);
    }
  }
  const shift = crcMultiplierFor(plain.length);
  return { crc: crc32(plain), shift, folderFactor: folderFactor >>> 0, sumFactors };
}

/** Makes a header one for any folder: no sum, and no folder. @returns its sum */
export function blankHeader(header: Buffer): number {
  const digits = header.subarray(checksumAt, checksumAt + checksumDigits);
  const sum = Number.parseInt(digits.toString('latin1'), 8);
  digits.fill(firstDigit);
  return sum;
}
