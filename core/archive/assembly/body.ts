import { crc32 } from 'node:zlib';
import {
  checksumDigits,
  checksumOffset,
  maxPrefixBytes,
  prefixOffset,
  sumOfText,
  writeTarHeader,
} from '../tar-header.ts';
import { alignByStoredBlock, appendBits, type BitWriter, overwriteBits } from './bits.ts';
import { zeroDigit } from './codes.ts';
import { combineCrc, crcMultiplierFor, multiplyCrc } from './crc.ts';
import { deflateHeader } from './header-block.ts';

/**
 * Unchanging files of a chart, deflated together with their tar headers, for any folder of the chart.
 * The folder stands in ustar's `prefix`: each section's first header writes it, and later headers back-reference it.
 * Only the headers' checksums depend on the folder: their octal digits are literals with codes of one length, and so
 * can be overwritten.
 */
export interface DeflatedBody {
  files: BodyFile[];
  sections: BodySection[];
  /** Bytes of the tar entries. */
  size: number;
  /** Bytes of the files' contents alone. */
  contents: number;
  /** Bytes of the largest file. */
  maxSize: number;
  /** CRC-32 of the tar entries with an empty folder and checksums of `000000`. */
  crc: number;
  /** Factor of `combineCrc` for the length of the tar entries. */
  crcMultiplier: number;
  /** Factor from the raw CRC of one `prefix` field to its change of `crc` in all headers together. */
  folderFactor: number;
  /** Change of `crc` by each bit of each header's checksum, header by header, the lowest bit first. */
  checksumFactors: Uint32Array;
}

/** File of a body. */
export interface BodyFile {
  /** Path below the chart's folder. */
  path: string;
  /** Bytes of the content. */
  size: number;
  /** Checksum of the tar header with an empty folder. */
  checksum: number;
}

/** Part of a body that begins with a header which cannot copy the folder from an earlier one. */
export interface BodySection {
  /** Index of the first file. */
  file: number;
  /** Offset of the first file's header in the tar entries. */
  at: number;
  /** Deflated bytes behind the first header: whole blocks of `bits` bits. */
  bytes: Uint8Array;
  bits: number;
  /** Places of the checksums in `bytes`. */
  checksums: ChecksumPlace[];
}

/** Place of a header's checksum in a section. */
export interface ChecksumPlace {
  /** Bit offset from the section's begin. */
  at: number;
  /** Index of the header's file. */
  file: number;
  codes: DigitCodes;
}

/** Codes of the octal digits, each of `bits` bits. */
export interface DigitCodes {
  bits: number;
  codes: Uint16Array;
}

const checksumBits = 3 * checksumDigits;

/**
 * Writes a body for a folder.
 * @param crc CRC-32 of the tar archive before the body
 * @returns the CRC-32 of the tar archive with the body
 */
export function writeBody(writer: BitWriter, body: DeflatedBody, folder: string, crc: number): number {
  const folderSum = sumOfText(folder);
  for (const section of body.sections) {
    const file = body.files[section.file];
    if (!file) continue;
    deflateHeader(writer, tarHeaderOf(file, folder), 0, undefined, 0);
    alignByStoredBlock(writer);
    const from = appendBits(writer, section.bytes, 0, section.bits);
    for (const place of section.checksums)
      writeChecksum(writer, from + place.at, place, folderSum + checksumOf(body, place.file));
  }
  return combineCrc(crc, computeBodyCrc(body, folder, folderSum), body.crcMultiplier);
}

/** Writes the tar header of a body's file for a folder. */
export function tarHeaderOf({ path, size }: BodyFile, folder: string): Buffer {
  return writeTarHeader({ name: path, prefix: folder }, size, '0');
}

function checksumOf({ files }: DeflatedBody, file: number): number {
  return files[file]?.checksum ?? 0;
}

function writeChecksum(
  writer: BitWriter,
  offset: number,
  { codes: { bits, codes } }: ChecksumPlace,
  checksum: number,
): void {
  let at = offset;
  for (let shift = checksumBits - 3; shift >= 0; shift -= 3) {
    overwriteBits(writer, at, codes[(checksum >>> shift) & 7] ?? 0, bits);
    at += bits;
  }
}

/** Computes the CRC-32 of a body's tar entries. CRC-32 is linear, so the changes by folder and checksums are added. */
function computeBodyCrc(body: DeflatedBody, folder: string, folderSum: number): number {
  let crc =
    body.crc ^ multiplyCrc(body.folderFactor, rawCrc(Buffer.from(folder.padEnd(maxPrefixBytes, '\0'))));
  const { files, checksumFactors } = body;
  for (let file = 0, at = 0; file < files.length; file += 1, at += checksumBits) {
    let checksum = (files[file]?.checksum ?? 0) + folderSum;
    for (let bit = at; checksum > 0; bit += 1, checksum >>>= 1)
      if (checksum & 1) crc ^= checksumFactors[bit] ?? 0;
  }
  return crc >>> 0;
}

/** Computes the CRC without its initial and final inversion, so that it is linear. */
function rawCrc(bytes: Buffer): number {
  return (crc32(bytes) ^ crc32(Buffer.alloc(bytes.length))) >>> 0;
}

/**
 * Computes the factors by which the CRC of tar entries follows from any folder.
 * @param plain the entries, with an empty folder and checksums of `000000`
 * @param headers offset of each header
 */
export function computeCrcFactors(
  plain: Buffer,
  headers: readonly number[],
): Pick<DeflatedBody, 'crc' | 'crcMultiplier' | 'folderFactor' | 'checksumFactors'> {
  let folderFactor = 0;
  const checksumFactors = new Uint32Array(headers.length * checksumBits);
  const byte = Array.from({ length: 3 }, (_, bit) => rawCrc(Buffer.from([1 << bit])));
  for (const [index, header] of headers.entries()) {
    folderFactor ^= crcMultiplierFor(plain.length - header - prefixOffset - maxPrefixBytes);
    for (let bit = 0; bit < checksumBits; bit += 1) {
      const digit = header + checksumOffset + checksumDigits - 1 - Math.floor(bit / 3);
      const factor = crcMultiplierFor(plain.length - digit - 1);
      checksumFactors[index * checksumBits + bit] = multiplyCrc(factor, byte[bit % 3] ?? 0);
    }
  }
  const crcMultiplier = crcMultiplierFor(plain.length);
  return { crc: crc32(plain), crcMultiplier, folderFactor: folderFactor >>> 0, checksumFactors };
}

/**
 * Sets the checksum of a header without a folder to `000000`. Such a header serves any folder.
 * @returns the checksum that the header had
 */
export function blankChecksum(header: Buffer): number {
  const digits = header.subarray(checksumOffset, checksumOffset + checksumDigits);
  const checksum = Number.parseInt(digits.toString('latin1'), 8);
  digits.fill(zeroDigit);
  return checksum;
}
