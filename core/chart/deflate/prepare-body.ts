import { deflateRawSync } from 'node:zlib';
import { block } from '../tar-header.ts';
import { createBitWriter, fill, finish, lengthOf, put } from './bits.ts';
import { beginBlock, endBlock, weigh, writeToken } from './block.ts';
import { type Body, crcFactors, type DigitCodes, type Section } from './body.ts';
import { type CodedFile, codeFile } from './coded-file.ts';
import { firstDigit, makeCodes } from './codes.ts';
import { cutTokens, type Fate } from './cut-tokens.ts';
import { farthest } from './header-block.ts';
import { addNoise, createNoise, known, ofSum, type StandIn, writeEntries } from './stand-in.ts';
import { literals, readTokens, type TokenBlocks } from './tokens.ts';

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
  const own = findOwn(all);
  const sections = own.map((file) => beginSection(file, headers[file] ?? 0));
  shareTokens(all, own, sections);
  const sizes = entries.files.map(({ size }) => size);
  const body = {
    files: entries.files,
    sections: sections.map(codeSection),
    size: bytes.length,
    contents: sizes.reduce((sum, size) => sum + size, 0),
    longest: Math.max(...sizes),
    ...factors,
  };
  return body.sections.every(isWhole) ? { body, bytes, kinds } : undefined;
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
  const window = Buffer.concat([before?.bytes ?? Buffer.alloc(0), gap]).subarray(-farthest);
  const stream = deflateRawSync(content, { level, dictionary: window });
  const tokens: number[] = [];
  const ends: number[] = [];
  cutTokens(
    content,
    readTokens(stream, content.length),
    (at, distance): Fate => {
      if (distance === 0) return 'literal';
      const place = at - distance + length + lead;
      return at >= distance || (place < length && before?.kinds[place] === known) ? 'copy' : 'literal';
    },
    (token) => tokens.push(token),
    () => endPart({ tokens, ends }),
  );
  return codeFile(content, { tokens: Uint32Array.from(tokens), ends }, lead);
}

/** What the tokens of a file, or of a section, are gathered in. */
interface Tokened {
  tokens: number[];
  /** How many tokens there are up to the end of each block. */
  ends: number[];
}

interface All {
  entries: StandIn;
  kinds: Uint8Array;
  parsed: TokenBlocks;
}

/** Deals out the tokens to sections. */
function shareTokens(all: All, own: readonly number[], sections: readonly SectionTokens[]): void {
  const { entries, kinds, parsed } = all;
  const { length } = entries.bytes;
  // A header of its own stands where the folder cannot be copied.
  const isOwn = new Uint8Array(length);
  for (const file of own) isOwn.fill(1, entries.headers[file], (entries.headers[file] ?? 0) + block);
  let current = 0;
  const partAt = (at: number): SectionTokens | undefined => {
    while (at >= (sections[current + 1]?.at ?? length)) current += 1;
    return sections[current];
  };
  let late = false;
  const end = (at: number): void => {
    // All digits of a sum are written with the same codes.
    late = kinds[at] === ofSum && kinds[at - 1] === ofSum;
    if (!late) endPart(partAt(at - 1));
  };
  cutTokens(
    entries.bytes,
    parsed,
    (at, distance): Fate => (isOwn[at] === 1 ? 'drop' : isSame(kinds, at, distance) ? 'copy' : 'literal'),
    (token, at) => {
      const part = partAt(at);
      if (!part) return;
      const digit = kinds[at] === ofSum;
      if (digit && kinds[at - 1] !== ofSum) {
        part.sums.push({ token: part.tokens.length, file: lastBefore(entries.headers, at) });
      }
      part.tokens.push(digit ? firstDigit : token);
      if (late) end(at + 1);
    },
    end,
  );
  for (const part of sections) endPart(part);
}

interface SectionTokens extends Tokened {
  file: number;
  at: number;
  sums: { token: number; file: number }[];
}

function beginSection(file: number, at: number): SectionTokens {
  return { file, at, tokens: [], ends: [], sums: [] };
}

function endPart(part: Tokened | undefined): void {
  if (part && part.tokens.length > (part.ends.at(-1) ?? 0)) part.ends.push(part.tokens.length);
}

/** Whether a byte is that of another place whatever the folder is. */
function isSame(kinds: Uint8Array, at: number, distance: number): boolean {
  const kind = kinds[at];
  return distance > 0 && kind !== ofSum && kinds[at - distance] === kind;
}

/** The files whose headers do not copy all of the folder. */
function findOwn({ entries, kinds, parsed }: All): number[] {
  const own = new Set<number>([0]);
  cutTokens(
    entries.bytes,
    parsed,
    (at, distance): Fate => (isSame(kinds, at, distance) ? 'copy' : 'literal'),
    (token, at) => {
      const kind = kinds[at] ?? known;
      if (token < literals && kind !== known && kind !== ofSum) own.add(lastBefore(entries.headers, at));
    },
    () => undefined,
  );
  return [...own].sort((left, right) => left - right);
}

function lastBefore(headers: readonly number[], at: number): number {
  let low = 0;
  for (let high = headers.length; high - low > 1; ) {
    const middle = (low + high) >>> 1;
    if ((headers[middle] ?? 0) <= at) low = middle;
    else high = middle;
  }
  return low;
}

function codeSection(part: SectionTokens): Section {
  const { file, at: begin, ends, sums } = part;
  const tokens = Uint32Array.from(part.tokens);
  const writer = createBitWriter(4 * tokens.length);
  const places: Section['sums'] = [];
  let from = 0;
  let next = 0;
  for (const end of ends) {
    const codes = makeCodes(weigh(tokens.subarray(from, end)));
    const digits: DigitCodes = {
      bits: codes.symbolBits[firstDigit] ?? 0,
      codes: codes.symbolCodes.slice(firstDigit, firstDigit + 8),
    };
    beginBlock(writer, codes);
    for (let at = from; at < end; at += 1) {
      const sum = sums[next];
      if (sum?.token === at) {
        places.push({ at: lengthOf(writer), file: sum.file, codes: digits });
        for (let digit = 0; digit < 6; digit += 1) put(writer, 0, digits.bits);
        at += 5;
        next += 1;
      } else writeToken(writer, codes, tokens[at] ?? 0);
    }
    endBlock(writer, codes);
    from = end;
  }
  const bits = lengthOf(writer);
  fill(writer);
  return { file, at: begin, bytes: new Uint8Array(finish(writer)), bits, sums: places };
}

/** What is put over is whole bytes before the end, which may still be in the making. */
function isWhole({ bits, sums }: Section): boolean {
  return sums.every(({ at, codes }) => at + 6 * codes.bits <= bits - (bits % 8));
}
