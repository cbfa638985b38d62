import { codeLengths } from './huffman.ts';

/** Huffman codes of a deflate block (RFC 1951), their bits in the order of writing. A symbol without a code has 0 bits. */
export interface HuffmanCodes {
  /** Code lengths of literals, the end of the block, and copy lengths. */
  symbolBits: Uint8Array;
  symbolCodes: Uint16Array;
  distanceBits: Uint8Array;
  distanceCodes: Uint16Array;
}

/** Largest number of bytes that one copy has. */
export const maxCopyLength = 258;

/** Symbol that ends a block. */
export const endOfBlockSymbol = 256;
const maxCodeBits = 15;

/** Byte of the digit 0; the octal digits are this one and the next seven. */
export const zeroDigit = 48;
const octalDigitCount = 8;

/** Frequency of each symbol in a block. */
export interface SymbolWeights {
  symbols: number[];
  distances: number[];
}

/** Creates weights without any symbol but the end of the block. */
export function emptyWeights(): SymbolWeights {
  const symbols = Array.from({ length: 286 }, () => 0);
  symbols[endOfBlockSymbol] = 1;
  return { symbols, distances: Array.from({ length: 30 }, () => 0) };
}

/**
 * Makes Huffman codes for weights.
 * The octal digits all get codes of one length, so that a number can later replace another in the bits.
 */
export function makeCodes({ symbols, distances }: SymbolWeights): HuffmanCodes {
  const weights = [...symbols];
  let sum = 0;
  for (let digit = 0; digit < octalDigitCount; digit += 1) {
    sum += weights[zeroDigit + digit] ?? 0;
    weights[zeroDigit + digit] = 0;
  }
  // A single leaf stands for all eight digits: three more bits tell them apart.
  weights[zeroDigit] = Math.max(octalDigitCount, sum);
  const symbolBits = codeLengths(weights, maxCodeBits - 3);
  symbolBits.fill((symbolBits[zeroDigit] ?? 0) + 3, zeroDigit, zeroDigit + octalDigitCount);
  // Some readers refuse a block with fewer than two distance codes.
  const distanceWeights = distances.map((weight, at) => (at < 2 ? Math.max(1, weight) : weight));
  const distanceBits = codeLengths(distanceWeights, maxCodeBits);
  return {
    symbolBits,
    symbolCodes: codesOfLengths(symbolBits),
    distanceBits,
    distanceCodes: codesOfLengths(distanceBits),
  };
}

/** Derives the codes from their lengths (RFC 1951, section 3.2.2). */
export function codesOfLengths(bits: Uint8Array): Uint16Array {
  const counts = new Uint16Array(maxCodeBits + 2);
  for (const length of bits) if (length > 0) counts[length + 1] = (counts[length + 1] ?? 0) + 1;
  const next = new Uint16Array(maxCodeBits + 2);
  for (let length = 1; length <= maxCodeBits; length += 1) {
    next[length] = ((next[length - 1] ?? 0) + (counts[length] ?? 0)) << 1;
  }
  const codes = new Uint16Array(bits.length);
  for (const [symbol, length] of bits.entries()) {
    if (length === 0) continue;
    codes[symbol] = reverseBits(next[length] ?? 0, length);
    next[length] = (next[length] ?? 0) + 1;
  }
  return codes;
}

/** Codes that the format fixes (RFC 1951, section 3.2.6). */
export const fixedCodes: HuffmanCodes = makeFixedCodes();

function makeFixedCodes(): HuffmanCodes {
  const symbolBits = Uint8Array.from({ length: 288 }, (_, symbol) =>
    symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
  );
  const distanceBits = new Uint8Array(30).fill(5);
  return {
    symbolBits,
    symbolCodes: codesOfLengths(symbolBits),
    distanceBits,
    distanceCodes: codesOfLengths(distanceBits),
  };
}

/** Numbers of extra bits behind the symbols of copy lengths (section 3.2.5). */
const extraBitsBySymbol = Array.from({ length: 29 }, (_, n) =>
  n < 8 || n === 28 ? 0 : Math.floor(n / 4) - 1,
);
const lengthBases = extraBitsBySymbol.map((_, n) =>
  n === 28 ? maxCopyLength : extraBitsBySymbol.slice(0, n).reduce((sum, bits) => sum + 2 ** bits, 3),
);

/** Symbol of each copy length from 3 to 258. */
export const symbolByLength = Uint16Array.from(
  { length: maxCopyLength + 1 },
  (_, length) => 257 + lengthClassOf(length),
);

/** Number of extra bits behind the symbol of each copy length. */
export const extraBitsByLength = Uint8Array.from(
  { length: maxCopyLength + 1 },
  (_, length) => extraBitsBySymbol[lengthClassOf(length)] ?? 0,
);

/** Value of the extra bits for each copy length. */
export const extraValueByLength = Uint8Array.from({ length: maxCopyLength + 1 }, (_, length) =>
  length < 3 ? 0 : length - (lengthBases[lengthClassOf(length)] ?? 0),
);

function lengthClassOf(length: number): number {
  if (length < 3) return 0;
  return length === maxCopyLength ? 28 : lengthBases.slice(0, 28).findLastIndex((base) => base <= length);
}

/** Returns the copy length of a symbol and the value of its extra bits. */
export function lengthOfSymbol(symbol: number, extra: number): number {
  return (lengthBases[symbol - 257] ?? 0) + extra;
}

/** Returns the number of extra bits behind a symbol of a copy length. */
export function lengthExtraBitsOfSymbol(symbol: number): number {
  return extraBitsBySymbol[symbol - 257] ?? 0;
}

/** Returns the symbol of a distance; {@link distanceExtraBitsOfSymbol} counts the low bits that follow it. */
export function distanceSymbol(distance: number): number {
  const rest = distance - 1;
  if (rest < 4) return rest;
  const high = 31 - Math.clz32(rest);
  return 2 * high + ((rest >>> (high - 1)) & 1);
}

/** Returns the number of extra bits behind a distance symbol. */
export function distanceExtraBitsOfSymbol(symbol: number): number {
  return symbol < 4 ? 0 : (symbol >>> 1) - 1;
}

/** Returns the distance of a symbol and the value of its extra bits. */
export function distanceOfSymbol(symbol: number, extra: number): number {
  if (symbol < 4) return symbol + 1;
  return ((2 + (symbol & 1)) << distanceExtraBitsOfSymbol(symbol)) + extra + 1;
}

function reverseBits(value: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit += 1) reversed |= ((value >>> bit) & 1) << (bits - 1 - bit);
  return reversed;
}
