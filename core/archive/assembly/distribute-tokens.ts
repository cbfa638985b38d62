import { blockSize } from '../tar-header.ts';
import { zeroDigit } from './codes.ts';
import { cutTokens, type TokenAction } from './cut-tokens.ts';
import { checksumByteKind, fixedByteKind, type PlaceholderEntries } from './placeholder-entries.ts';
import { literalCount, type TokenBlocks } from './tokens.ts';

/** Growing list of tokens in blocks. */
export interface TokenList {
  tokens: number[];
  /** Number of tokens up to the end of each block. */
  ends: number[];
}

/** Placeholder entries of a body with the tokens that zlib made of them. */
export interface PlaceholderTokens {
  entries: PlaceholderEntries;
  kinds: Uint8Array;
  parsed: TokenBlocks;
}

/**
 * Distributes the tokens of all entries to the sections in which they stand.
 * @param starts indexes of the files with which sections begin; their headers are left out
 */
export function distributeTokens(
  all: PlaceholderTokens,
  starts: readonly number[],
  sections: readonly SectionTokens[],
): void {
  const { entries, kinds, parsed } = all;
  const { length } = entries.bytes;
  const isStart = new Uint8Array(length);
  for (const file of starts) isStart.fill(1, entries.headers[file], (entries.headers[file] ?? 0) + blockSize);
  let current = 0;
  const sectionAt = (at: number): SectionTokens | undefined => {
    while (at >= (sections[current + 1]?.at ?? length)) current += 1;
    return sections[current];
  };
  let endsLate = false;
  const end = (at: number): void => {
    // A block that ends inside a checksum ends behind it, so that all its digits have the same codes.
    endsLate = kinds[at] === checksumByteKind && kinds[at - 1] === checksumByteKind;
    if (!endsLate) endTokenBlock(sectionAt(at - 1));
  };
  cutTokens(
    entries.bytes,
    parsed,
    (at, distance): TokenAction =>
      isStart[at] === 1 ? 'drop' : isCopyable(kinds, at, distance) ? 'copy' : 'literal',
    (token, at) => {
      const section = sectionAt(at);
      if (!section) return;
      const digit = kinds[at] === checksumByteKind;
      if (digit && kinds[at - 1] !== checksumByteKind) {
        section.checksums.push({ token: section.tokens.length, file: lastHeaderBefore(entries.headers, at) });
      }
      section.tokens.push(digit ? zeroDigit : token);
      if (endsLate) end(at + 1);
    },
    end,
  );
  for (const section of sections) endTokenBlock(section);
}

/** Tokens of a section: from a header that cannot copy the folder up to the next such header. */
export interface SectionTokens extends TokenList {
  /** Index of the first file. */
  file: number;
  /** Offset of the first file's header. */
  at: number;
  /** First token of each checksum, and the index of the header's file. */
  checksums: { token: number; file: number }[];
}

/** Creates a section without tokens. */
export function beginSection(file: number, at: number): SectionTokens {
  return { file, at, tokens: [], ends: [], checksums: [] };
}

/** Ends a block of a list, unless no token was added since the last. */
export function endTokenBlock(list: TokenList | undefined): void {
  if (list && list.tokens.length > (list.ends.at(-1) ?? 0)) list.ends.push(list.tokens.length);
}

/** Tells whether a byte equals the one `distance` back whatever the folder is. */
function isCopyable(kinds: Uint8Array, at: number, distance: number): boolean {
  const kind = kinds[at];
  return distance > 0 && kind !== checksumByteKind && kinds[at - distance] === kind;
}

/**
 * Finds the starts of sections, by index. A section starts with a file whose header does not copy all of the folder.
 */
export function findSectionStarts({ entries, kinds, parsed }: PlaceholderTokens): number[] {
  const starts = new Set<number>([0]);
  cutTokens(
    entries.bytes,
    parsed,
    (at, distance): TokenAction => (isCopyable(kinds, at, distance) ? 'copy' : 'literal'),
    (token, at) => {
      const kind = kinds[at] ?? fixedByteKind;
      if (token < literalCount && kind !== fixedByteKind && kind !== checksumByteKind)
        starts.add(lastHeaderBefore(entries.headers, at));
    },
    () => undefined,
  );
  return [...starts].sort((left, right) => left - right);
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
