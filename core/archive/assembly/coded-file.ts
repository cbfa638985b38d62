import { crc32 } from 'node:zlib';
import { bitLength, createBitWriter, padToByte, writtenBytes } from './bits.ts';
import { beginBlock, countSymbols, endBlock, writeToken } from './block.ts';
import { fixedCodes, type HuffmanCodes, makeCodes, type SymbolWeights } from './codes.ts';
import { crcMultiplierFor } from './crc.ts';
import { type DeflateTokens, lengthOfToken, type TokenBlocks } from './tokens.ts';

/**
 * File that composing may change, deflated once and indexed by token.
 * An edit then costs little more than writing the tokens that it changes.
 */
export interface CodedFile {
  /** Bytes of the content. */
  size: number;
  /** CRC-32 of the content. */
  crc: number;
  /** Factor of `combineCrc` for the content's length. */
  crcMultiplier: number;
  /** Deflate tokens of the content; copies may reach back beyond its begin, into the body. */
  tokens: DeflateTokens;
  /** Bytes between the end of the body and the content. */
  gapBytes: number;
  blocks: CodedBlock[];
  /** Deflated content: whole blocks of `bits` bits. */
  bytes: Uint8Array;
  bits: number;
  /** Offset in the content at which every {@link tokensPerIndexEntry}th token begins. */
  offsets: Uint32Array;
  /** Bit offset in `bytes` at which every {@link tokensPerIndexEntry}th token begins. */
  bitOffsets: Uint32Array;
}

/** Block of a coded file. */
export interface CodedBlock {
  /** Codes of the block; absent for the fixed ones. */
  codes?: HuffmanCodes;
  /** Number of the file's tokens up to the block's end. */
  end: number;
}

/** Number of tokens between two entries of a coded file's index. */
export const tokensPerIndexEntry = 32;

/** Encodes a content by its tokens. All symbols have codes, so that any token can replace another. */
export function encodeFile(content: Buffer, { tokens, ends }: TokenBlocks, gapBytes: number): CodedFile {
  const writer = createBitWriter(content.length);
  const blocks: CodedBlock[] = [];
  const offsets = new Uint32Array(Math.ceil(tokens.length / tokensPerIndexEntry));
  const bitOffsets = new Uint32Array(offsets.length);
  let offset = 0;
  let from = 0;
  for (const end of ends) {
    const codes = cheapestCodes(tokens.subarray(from, end));
    blocks.push({ end, ...(codes !== fixedCodes && { codes }) });
    beginBlock(writer, codes);
    for (let at = from; at < end; at += 1) {
      if (at % tokensPerIndexEntry === 0) {
        offsets[at / tokensPerIndexEntry] = offset;
        bitOffsets[at / tokensPerIndexEntry] = bitLength(writer);
      }
      const token = tokens[at] ?? 0;
      writeToken(writer, codes, token);
      offset += lengthOfToken(token);
    }
    endBlock(writer, codes);
    from = end;
  }
  const bits = bitLength(writer);
  padToByte(writer);
  const bytes = new Uint8Array(writtenBytes(writer));
  return { ...computeContentSums(content), tokens, gapBytes, blocks, bytes, bits, offsets, bitOffsets };
}

function computeContentSums(content: Buffer): Pick<CodedFile, 'size' | 'crc' | 'crcMultiplier'> {
  return { size: content.length, crc: crc32(content), crcMultiplier: crcMultiplierFor(content.length) };
}

/** Makes codes for tokens, or returns the fixed ones where those take fewer bits. */
function cheapestCodes(tokens: DeflateTokens): HuffmanCodes {
  const dynamic = makeCodes(withAllSymbols(countSymbols(tokens)));
  return bitLengthWith(tokens, dynamic) < bitLengthWith(tokens, fixedCodes) ? dynamic : fixedCodes;
}

/** Gives every symbol a weight, because an edit may need symbols that the tokens do not use. */
function withAllSymbols({ symbols, distances }: SymbolWeights): SymbolWeights {
  const positive = (weight: number): number => 64 * weight + 1;
  return { symbols: symbols.map(positive), distances: distances.map(positive) };
}

function bitLengthWith(tokens: DeflateTokens, codes: HuffmanCodes): number {
  const writer = createBitWriter(4 * tokens.length);
  beginBlock(writer, codes);
  for (const token of tokens) writeToken(writer, codes, token);
  endBlock(writer, codes);
  return bitLength(writer);
}
