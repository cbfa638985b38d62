// The codes that RFC 1951 fixes, sections 3.2.5 and 3.2.6, the bits of each in the order in which they are written.

/** Bits of a symbol of literals and lengths. */
export const symbolBits = Uint8Array.from({ length: 288 }, (_, symbol) =>
  symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
);
export const symbolCodes = Uint16Array.from({ length: 288 }, (_, symbol) => {
  const bits = symbolBits[symbol] ?? 0;
  if (symbol < 144) return reverse(0x30 + symbol, bits);
  if (symbol < 256) return reverse(0x190 + symbol - 144, bits);
  return symbol < 280 ? reverse(symbol - 256, bits) : reverse(0xc0 + symbol - 280, bits);
});

/** How much a match copies at most. */
export const longestMatch = 258;

const lengthExtras = Array.from({ length: 29 }, (_, n) => (n < 8 || n === 28 ? 0 : Math.floor(n / 4) - 1));
const lengthBases = lengthExtras.map((_, n) =>
  n === 28 ? longestMatch : lengthExtras.slice(0, n).reduce((sum, bits) => sum + 2 ** bits, 3),
);

/** Bits of a match's length, from 3 to 258: its symbol and what is added to it. */
export const lengthBits = Uint8Array.from({ length: longestMatch + 1 }, (_, length) => {
  const n = classOfLength(length);
  return (symbolBits[257 + n] ?? 0) + (lengthExtras[n] ?? 0);
});
export const lengthCodes = Uint16Array.from({ length: longestMatch + 1 }, (_, length) => {
  const n = classOfLength(length);
  const symbol = 257 + n;
  return (symbolCodes[symbol] ?? 0) | ((length - (lengthBases[n] ?? 0)) << (symbolBits[symbol] ?? 0));
});

function classOfLength(length: number): number {
  if (length < 3) return 0;
  return length === longestMatch ? 28 : lengthBases.slice(0, 28).findLastIndex((base) => base <= length);
}

/** The bits of a match's distance, from 1 to 32,768: how many, and which. */
export function distanceCode(distance: number): { bits: number; code: number } {
  const rest = distance - 1;
  if (rest < 4) return { bits: 5, code: reverse(rest, 5) };
  const high = 31 - Math.clz32(rest);
  const extra = high - 1;
  const symbol = 2 * high + ((rest >>> extra) & 1);
  return { bits: 5 + extra, code: reverse(symbol, 5) | ((rest & ((1 << extra) - 1)) << 5) };
}

function reverse(value: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit += 1) reversed |= ((value >>> bit) & 1) << (bits - 1 - bit);
  return reversed;
}
