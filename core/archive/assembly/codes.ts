import { codeLengths } from './huffman.ts';

// Huffman codes of a block as RFC 1951 has them, the bits of each in the order in which they are written.

/** The codes that a block is written with; a symbol that has none takes 0 bits. */
export interface Codes {
  /** Of literals, the end of the block and lengths. */
  symbolBits: Uint8Array;
  symbolCodes: Uint16Array;
  distanceBits: Uint8Array;
  distanceCodes: Uint16Array;
}

/** How much a match copies at most. */
export const maxMatch = 258;

export const endOfBlock = 256;
const maxBits = 15;

/** Digits of octal numbers, as bytes. */
export const firstDigit = 48;
const digits = 8;

/** How often each symbol comes. */
export interface Weights {
  symbols: number[];
  distances: number[];
}

export function emptyWeights(): Weights {
  const symbols = Array.from({ length: 286 }, () => 0);
  symbols[endOfBlock] = 1;
  return { symbols, distances: Array.from({ length: 30 }, () => 0) };
}

/**
 * Codes for weights. The octal digits all have codes of one length, so that a number can be written over another.
 */
export function makeCodes({ symbols, distances }: Weights): Codes {
  const weights = [...symbols];
  let sum = 0;
  for (let digit = 0; digit < digits; digit += 1) {
    sum += weights[firstDigit + digit] ?? 0;
    weights[firstDigit + digit] = 0;
  }
  // One leaf stands for all of them: three bits more tell which one.
  weights[firstDigit] = Math.max(digits, sum);
  const symbolBits = codeLengths(weights, maxBits - 3);
  symbolBits.fill((symbolBits[firstDigit] ?? 0) + 3, firstDigit, firstDigit + digits);
  // Some readers want two distances at least.
  const far = distances.map((weight, at) => (at < 2 ? Math.max(1, weight) : weight));
  const distanceBits = codeLengths(far, maxBits);
  return {
    symbolBits,
    symbolCodes: codesOf(symbolBits),
    distanceBits,
    distanceCodes: codesOf(distanceBits),
  };
}

/** The codes of lengths (RFC 1951, section 3.2.2). */
export function codesOf(bits: Uint8Array): Uint16Array {
  const counts = new Uint16Array(maxBits + 2);
  for (const length of bits) if (length > 0) counts[length + 1] = (counts[length + 1] ?? 0) + 1;
  const next = new Uint16Array(maxBits + 2);
  for (let length = 1; length <= maxBits; length += 1) {
    next[length] = ((next[length - 1] ?? 0) + (counts[length] ?? 0)) << 1;
  }
  const codes = new Uint16Array(bits.length);
  for (const [symbol, length] of bits.entries()) {
    if (length === 0) continue;
    codes[symbol] = reverse(next[length] ?? 0, length);
    next[length] = (next[length] ?? 0) + 1;
  }
  return codes;
}

export const fixedCodes: Codes = makeFixed();

function makeFixed(): Codes {
  const symbolBits = Uint8Array.from({ length: 288 }, (_, symbol) =>
    symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
  );
  const distanceBits = new Uint8Array(30).fill(5);
  return {
    symbolBits,
    symbolCodes: codesOf(symbolBits),
    distanceBits,
    distanceCodes: codesOf(distanceBits),
  };
}

/** The symbols of lengths of copies, and how many bits are added to each (section 3.2.5). */
const lengthExtras = Array.from({ length: 29 }, (_, n) => (n < 8 || n === 28 ? 0 : Math.floor(n / 4) - 1));
const lengthBases = lengthExtras.map((_, n) =>
  n === 28 ? maxMatch : lengthExtras.slice(0, n).reduce((sum, bits) => sum + 2 ** bits, 3),
);
export const lengthSymbols = Uint16Array.from({ length: maxMatch + 1 }, (_, length) => 257 + classOf(length));
export const lengthExtraBits = Uint8Array.from(
  { length: maxMatch + 1 },
  (_, length) => lengthExtras[classOf(length)] ?? 0,
);
export const lengthExtraValues = Uint8Array.from({ length: maxMatch + 1 }, (_, length) =>
  length < 3 ? 0 : length - (lengthBases[classOf(length)] ?? 0),
);

function classOf(length: number): number {
  if (length < 3) return 0;
  return length === maxMatch ? 28 : lengthBases.slice(0, 28).findLastIndex((base) => base <= length);
}

export function matchLength(symbol: number, extra: number): number {
  return (lengthBases[symbol - 257] ?? 0) + extra;
}

export function extraBitsOfLength(symbol: number): number {
  return lengthExtras[symbol - 257] ?? 0;
}

/** The symbol of a distance: behind it stand as many of the distance's low bits as {@link extraBitsOfDistance} says. */
export function distanceSymbol(distance: number): number {
  const rest = distance - 1;
  if (rest < 4) return rest;
  const high = 31 - Math.clz32(rest);
  return 2 * high + ((rest >>> (high - 1)) & 1);
}

export function extraBitsOfDistance(symbol: number): number {
  return symbol < 4 ? 0 : (symbol >>> 1) - 1;
}

export function distanceOf(symbol: number, extra: number): number {
  if (symbol < 4) return symbol + 1;
  return ((2 + (symbol & 1)) << extraBitsOfDistance(symbol)) + extra + 1;
}

function reverse(value: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit += 1) reversed |= ((value >>> bit) & 1) << (bits - 1 - bit);
  return reversed;
}
