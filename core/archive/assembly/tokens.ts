import {
  codesOfLengths,
  distanceExtraBitsOfSymbol,
  distanceOfSymbol,
  endOfBlockSymbol,
  fixedCodes,
  lengthExtraBitsOfSymbol,
  lengthOfSymbol,
} from './codes.ts';

/** Tokens of a deflate stream: a literal is its byte. A copy is its distance times 512 plus its length. */
export type DeflateTokens = Uint32Array;

/** Lowest number that is not a literal. */
export const literalCount = 256;

/** Makes the token of a copy. */
export function makeCopyToken(length: number, distance: number): number {
  return (distance << 9) | length;
}

/** Returns the number of bytes that a token stands for. */
export function lengthOfToken(token: number): number {
  return token < literalCount ? 1 : token & 511;
}

/** Tokens of a deflate stream, and where its blocks end. */
export interface TokenBlocks {
  tokens: DeflateTokens;
  /** Number of tokens up to the end of each block. */
  ends: number[];
}

/** Order in which a block lists the lengths of its code length codes (RFC 1951, section 3.2.7). */
export const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/**
 * Parses a deflate stream into tokens. The stream must be valid, as zlib writes it: nothing is checked.
 * @param size bytes of the inflated content
 */
export function parseDeflateStream(stream: Uint8Array, size: number): TokenBlocks {
  const tokens = new Uint32Array(size);
  const ends: number[] = [];
  let count = 0;
  let at = 0;
  let held = 0;
  let have = 0;

  function readBits(bits: number): number {
    while (have < bits) {
      held |= (stream[at++] ?? 0) << have;
      have += 8;
    }
    const value = held & ((1 << bits) - 1);
    held >>>= bits;
    have -= bits;
    return value;
  }

  function decode(table: CodeLookupTable): number {
    while (have < 15) {
      held |= (stream[at++] ?? 0) << have;
      have += 8;
    }
    const found = table[held & 0x7fff] ?? 0;
    held >>>= found >>> 9;
    have -= found >>> 9;
    return found & 511;
  }

  function readStored(): void {
    // Step back over the whole bytes that were read ahead: a stored block begins at a byte.
    at -= have >>> 3;
    have = 0;
    held = 0;
    const length = (stream[at] ?? 0) | ((stream[at + 1] ?? 0) << 8);
    at += 4;
    for (let index = 0; index < length; index += 1) tokens[count++] = stream[at++] ?? 0;
  }

  function readCoded(symbols: CodeLookupTable, distances: CodeLookupTable): void {
    for (let symbol = decode(symbols); symbol !== endOfBlockSymbol; symbol = decode(symbols)) {
      if (symbol < endOfBlockSymbol) {
        tokens[count++] = symbol;
        continue;
      }
      const length = lengthOfSymbol(symbol, readBits(lengthExtraBitsOfSymbol(symbol)));
      const distanceCode = decode(distances);
      tokens[count++] = makeCopyToken(
        length,
        distanceOfSymbol(distanceCode, readBits(distanceExtraBitsOfSymbol(distanceCode))),
      );
    }
  }

  function readTables(): [CodeLookupTable, CodeLookupTable] {
    const symbols = readBits(5) + 257;
    const distances = readBits(5) + 1;
    const codeCount = readBits(4) + 4;
    const bits = new Uint8Array(19);
    for (const place of codeLengthOrder.slice(0, codeCount)) bits[place] = readBits(3);
    const table = makeCodeLookupTable(bits);
    const lengths = new Uint8Array(symbols + distances);
    for (let index = 0; index < lengths.length; ) {
      const symbol = decode(table);
      if (symbol < 16) lengths[index++] = symbol;
      else {
        const repeated = symbol === 16 ? (lengths[index - 1] ?? 0) : 0;
        const times = symbol === 16 ? 3 + readBits(2) : symbol === 17 ? 3 + readBits(3) : 11 + readBits(7);
        lengths.fill(repeated, index, index + times);
        index += times;
      }
    }
    return [
      makeCodeLookupTable(lengths.subarray(0, symbols)),
      makeCodeLookupTable(lengths.subarray(symbols)),
    ];
  }

  const fixed = [
    makeCodeLookupTable(fixedCodes.symbolBits),
    makeCodeLookupTable(fixedCodes.distanceBits),
  ] as const;
  for (let last = false; !last; ) {
    last = readBits(1) === 1;
    const kind = readBits(2);
    if (kind === 0) readStored();
    else readCoded(...(kind === 1 ? fixed : readTables()));
    ends.push(count);
  }
  return { tokens: tokens.slice(0, count), ends };
}

/** Lookup table by the next 15 bits: the symbol plus 512 times the bits of its code. */
type CodeLookupTable = Uint16Array;

function makeCodeLookupTable(bits: Uint8Array): CodeLookupTable {
  const codes = codesOfLengths(bits);
  const table = new Uint16Array(1 << 15);
  for (const [symbol, length] of bits.entries()) {
    if (length === 0) continue;
    const entry = (length << 9) | symbol;
    for (let at = codes[symbol] ?? 0; at < table.length; at += 1 << length) table[at] = entry;
  }
  return table;
}
