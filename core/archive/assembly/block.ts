import { type BitWriter, writeBits } from './bits.ts';
import {
  codesOfLengths,
  distanceExtraBitsOfSymbol,
  distanceSymbol,
  emptyWeights,
  endOfBlockSymbol,
  extraBitsByLength,
  extraValueByLength,
  fixedCodes,
  type HuffmanCodes,
  type SymbolWeights,
  symbolByLength,
} from './codes.ts';
import { codeLengths } from './huffman.ts';
import { codeLengthOrder, type DeflateTokens, literalCount } from './tokens.ts';

/** Begins a deflate block (RFC 1951, section 3.2.3). Writes its code lengths unless the codes are the fixed ones. */
export function beginBlock(writer: BitWriter, codes: HuffmanCodes, last = false): void {
  const final = last ? 1 : 0;
  if (codes === fixedCodes) writeBits(writer, final | 0b010, 3);
  else {
    writeBits(writer, final | 0b100, 3);
    writeCodeLengths(writer, codes);
  }
}

/** Writes the end-of-block symbol. */
export function endBlock(writer: BitWriter, codes: HuffmanCodes): void {
  writeBits(writer, codes.symbolCodes[endOfBlockSymbol] ?? 0, codes.symbolBits[endOfBlockSymbol] ?? 0);
}

/** Writes a byte as a literal. */
export function writeLiteral(writer: BitWriter, codes: HuffmanCodes, byte: number): void {
  writeBits(writer, codes.symbolCodes[byte] ?? 0, codes.symbolBits[byte] ?? 0);
}

/**
 * Writes a copy of earlier bytes.
 * @param length 3 to 258
 * @param distance bytes back, 1 to 32,768
 */
export function writeCopy(writer: BitWriter, codes: HuffmanCodes, length: number, distance: number): void {
  const symbol = symbolByLength[length] ?? 0;
  const bits = codes.symbolBits[symbol] ?? 0;
  writeBits(
    writer,
    (codes.symbolCodes[symbol] ?? 0) | ((extraValueByLength[length] ?? 0) << bits),
    bits + (extraBitsByLength[length] ?? 0),
  );
  const distanceCode = distanceSymbol(distance);
  writeBits(writer, codes.distanceCodes[distanceCode] ?? 0, codes.distanceBits[distanceCode] ?? 0);
  const extra = distanceExtraBitsOfSymbol(distanceCode);
  if (extra > 0) writeBits(writer, (distance - 1) & ((1 << extra) - 1), extra);
}

/** Writes a token: a literal or a copy. */
export function writeToken(writer: BitWriter, codes: HuffmanCodes, token: number): void {
  if (token < literalCount) writeLiteral(writer, codes, token);
  else writeCopy(writer, codes, token & 511, token >>> 9);
}

/** Counts how often tokens use each symbol. */
export function countSymbols(tokens: DeflateTokens): SymbolWeights {
  const weights = emptyWeights();
  const { symbols, distances } = weights;
  for (const token of tokens) {
    const symbol = token < literalCount ? token : (symbolByLength[token & 511] ?? 0);
    symbols[symbol] = (symbols[symbol] ?? 0) + 1;
    if (token < literalCount) continue;
    const distanceCode = distanceSymbol(token >>> 9);
    distances[distanceCode] = (distances[distanceCode] ?? 0) + 1;
  }
  return weights;
}

/** Writes the code lengths of a block, themselves Huffman coded (section 3.2.7). */
function writeCodeLengths(writer: BitWriter, { symbolBits, distanceBits }: HuffmanCodes): void {
  const symbols = Math.max(257, countUpToLastUsed(symbolBits));
  const distances = Math.max(1, countUpToLastUsed(distanceBits));
  const runs = lengthRunsOf([...symbolBits.subarray(0, symbols), ...distanceBits.subarray(0, distances)]);
  const weights = Array.from({ length: 19 }, () => 0);
  for (const { symbol } of runs) weights[symbol] = (weights[symbol] ?? 0) + 1;
  const bits = codeLengths(weights, 7);
  const codes = codesOfLengths(bits);
  const codeCount = Math.max(4, codeLengthOrder.findLastIndex((symbol) => (bits[symbol] ?? 0) > 0) + 1);
  writeBits(writer, symbols - 257, 5);
  writeBits(writer, distances - 1, 5);
  writeBits(writer, codeCount - 4, 4);
  for (const symbol of codeLengthOrder.slice(0, codeCount)) writeBits(writer, bits[symbol] ?? 0, 3);
  for (const { symbol, extra, extraBits } of runs) {
    writeBits(writer, codes[symbol] ?? 0, bits[symbol] ?? 0);
    if (extraBits > 0) writeBits(writer, extra, extraBits);
  }
}

function countUpToLastUsed(bits: Uint8Array): number {
  return bits.findLastIndex((length) => length > 0) + 1;
}

interface LengthRun {
  symbol: number;
  extra: number;
  extraBits: number;
}

/** Encodes lengths as runs: symbol 16 repeats the last length, 17 and 18 are zeros (section 3.2.7). */
function lengthRunsOf(lengths: readonly number[]): LengthRun[] {
  const runs: LengthRun[] = [];
  for (let at = 0; at < lengths.length; ) {
    const length = lengths[at] ?? 0;
    let same = 1;
    while (at + same < lengths.length && lengths[at + same] === length) same += 1;
    at += same;
    if (length > 0) {
      runs.push({ symbol: length, extra: 0, extraBits: 0 });
      same -= 1;
    }
    while (same >= 3) {
      const maxRun = length > 0 ? 6 : 138;
      const times = Math.min(maxRun, same);
      if (length > 0) runs.push({ symbol: 16, extra: times - 3, extraBits: 2 });
      else if (times <= 10) runs.push({ symbol: 17, extra: times - 3, extraBits: 3 });
      else runs.push({ symbol: 18, extra: times - 11, extraBits: 7 });
      same -= times;
    }
    for (; same > 0; same -= 1) runs.push({ symbol: length, extra: 0, extraBits: 0 });
  }
  return runs;
}
