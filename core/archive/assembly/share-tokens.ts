import { block } from '../tar-header.ts';
import { firstDigit } from './codes.ts';
import { cutTokens, type Fate } from './cut-tokens.ts';
import { known, ofSum, type StandIn } from './placeholder-entries.ts';
import { literals, type TokenBlocks } from './tokens.ts';

/** What the tokens of a file, or of a section, are gathered in. */
export interface Tokened {
  tokens: number[];
  /** How many tokens there are up to the end of each block. */
  ends: number[];
}

/** A stand-in for the body of an archive, and what zlib made of it. */
export interface Parsed {
  entries: StandIn;
  kinds: Uint8Array;
  parsed: TokenBlocks;
}

/** Deals out the tokens to sections. */
export function shareTokens(all: Parsed, own: readonly number[], sections: readonly SectionTokens[]): void {
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

/** A section in the making: what begins with a header that cannot be copied, up to the next such. */
export interface SectionTokens extends Tokened {
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
export function endPart(part: Tokened | undefined): void {
  if (part && part.tokens.length > (part.ends.at(-1) ?? 0)) part.ends.push(part.tokens.length);
}

/** Whether a byte is that of another place whatever the folder is. */
function isSame(kinds: Uint8Array, at: number, distance: number): boolean {
  const kind = kinds[at];
  return distance > 0 && kind !== ofSum && kinds[at - distance] === kind;
}

/** The files whose headers do not copy all of the folder. */
export function findOwn({ entries, kinds, parsed }: Parsed): number[] {
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
