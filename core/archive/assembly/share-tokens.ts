import { blockSize } from '../tar-header.ts';
import { firstDigit } from './codes.ts';
import { cutTokens, type TokenAction } from './cut-tokens.ts';
import { fixedByte, checksumByte, type PlaceholderEntries } from './placeholder-entries.ts';
import { literals, type TokenBlocks } from './tokens.ts';

/** What the tokens of a file, or of a section, are gathered in. */
export interface TokenList {
  tokens: number[];
  /** How many tokens there are up to the end of each block. */
  ends: number[];
}

/** A stand-in for the body of an archive, and what zlib made of it. */
export interface ParsedEntries {
  entries: PlaceholderEntries;
  kinds: Uint8Array;
  parsed: TokenBlocks;
}

/** Deals out the tokens to sections. */
export function distributeTokens(all: ParsedEntries, own: readonly number[], sections: readonly SectionTokens[]): void {
  const { entries, kinds, parsed } = all;
  const { length } = entries.bytes;
  // A header of its own stands where the folder cannot be copied.
  const isOwn = new Uint8Array(length);
  for (const file of own) isOwn.fill(1, entries.headers[file], (entries.headers[file] ?? 0) + blockSize);
  let current = 0;
  const partAt = (at: number): SectionTokens | undefined => {
    while (at >= (sections[current + 1]?.at ?? length)) current += 1;
    return sections[current];
  };
  let late = false;
  const end = (at: number): void => {
    // All digits of a sum are written with the same codes.
    late = kinds[at] === checksumByte && kinds[at - 1] === checksumByte;
    if (!late) endTokenBlock(partAt(at - 1));
  };
  cutTokens(
    entries.bytes,
    parsed,
    (at, distance): TokenAction =>
      isOwn[at] === 1 ? 'drop' : isCopyable(kinds, at, distance) ? 'copy' : 'literal',
    (token, at) => {
      const part = partAt(at);
      if (!part) return;
      const digit = kinds[at] === checksumByte;
      if (digit && kinds[at - 1] !== checksumByte) {
        part.sums.push({ token: part.tokens.length, file: lastHeaderBefore(entries.headers, at) });
      }
      part.tokens.push(digit ? firstDigit : token);
      if (late) end(at + 1);
    },
    end,
  );
  for (const part of sections) endTokenBlock(part);
}

/** A section in the making: what begins with a header that cannot be copied, up to the next such. */
export interface SectionTokens extends TokenList {
  /** The file whose header it begins with, and where that stands. */
  file: number;
  at: number;
  /** Where the digits of a header's sum stand, and of which file's header. */
  sums: { token: number; file: number }[];
}

export function beginSection(file: number, at: number): SectionTokens {
  return { file, at, tokens: [], ends: [], sums: [] };
}

/** Ends a block of a part, unless nothing has been added since the last. */
export function endTokenBlock(part: TokenList | undefined): void {
  if (part && part.tokens.length > (part.ends.at(-1) ?? 0)) part.ends.push(part.tokens.length);
}

/** Whether a byte is that of another place whatever the folder is. */
function isCopyable(kinds: Uint8Array, at: number, distance: number): boolean {
  const kind = kinds[at];
  return distance > 0 && kind !== checksumByte && kinds[at - distance] === kind;
}

/** The files whose headers do not copy all of the folder. */
export function findSectionStarts({ entries, kinds, parsed }: ParsedEntries): number[] {
  const own = new Set<number>([0]);
  cutTokens(
    entries.bytes,
    parsed,
    (at, distance): TokenAction => (isCopyable(kinds, at, distance) ? 'copy' : 'literal'),
    (token, at) => {
      const kind = kinds[at] ?? fixedByte;
      if (token < literals && kind !== fixedByte && kind !== checksumByte) own.add(lastHeaderBefore(entries.headers, at));
    },
    () => undefined,
  );
  return [...own].sort((left, right) => left - right);
}

function lastHeaderBefore(headers: readonly number[], at: number): number {
  let low = 0;
  for (let high = headers.length; high - low > 1; ) {
    const middle = (low + high) >>> 1;
    if ((headers[middle] ?? 0) <= at) low = middle;
    else high = middle;
  }
  return low;
}
