import { crc32 } from 'node:zlib';
import { bitLength, createBitWriter, padToByte, writtenBytes } from './bits.ts';
import { beginBlock, endBlock, weigh, writeToken } from './block.ts';
import { type Codes, fixedCodes, makeCodes, type Weights } from './codes.ts';
import { crcMultiplierFor } from './crc.ts';
import { lengthOfToken, type TokenBlocks, type Tokens } from './tokens.ts';

/** A file that composing may change: deflated once, and known by tokens, so that a change costs little more than itself. */
export interface CodedFile {
  /** Bytes of the content, its CRC-32, and what another CRC is multiplied by when this is put behind it. */
  size: number;
  crc: number;
  shift: number;
  /** Copies reach back beyond the file's begin, to a body that ends so many bytes before. */
  tokens: Tokens;
  lead: number;
  blocks: CodedBlock[];
  /** The deflated content: whole blocks, so many bits. */
  bytes: Uint8Array;
  bits: number;
  /** Offsets in the content, and bits, at which every {@link indexStep}th token begins. */
  offsets: Uint32Array;
  places: Uint32Array;
}

/** Codes, if they are not the fixed ones, and how many tokens there are up to where they end. */
export interface CodedBlock {
  codes?: Codes;
  end: number;
}

export const indexStep = 32;

/** Deflates a content as its tokens say, so that tokens can be exchanged for any others. */
export function encodeFile(content: Buffer, { tokens, ends }: TokenBlocks, lead: number): CodedFile {
  const writer = createBitWriter(content.length);
  const blocks: CodedBlock[] = [];
  const offsets = new Uint32Array(Math.ceil(tokens.length / indexStep));
  const places = new Uint32Array(offsets.length);
  let offset = 0;
  let from = 0;
  for (const end of ends) {
    const codes = cheapestCodes(tokens.subarray(from, end));
    blocks.push({ end, ...(codes !== fixedCodes && { codes }) });
    beginBlock(writer, codes);
    for (let at = from; at < end; at += 1) {
      if (at % indexStep === 0) {
        offsets[at / indexStep] = offset;
        places[at / indexStep] = bitLength(writer);
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
  return { ...contentSums(content), tokens, lead, blocks, bytes, bits, offsets, places };
}

export function contentSums(content: Buffer): Pick<CodedFile, 'size' | 'crc' | 'shift'> {
  return { size: content.length, crc: crc32(content), shift: crcMultiplierFor(content.length) };
}

/** Its own codes, or the fixed ones where those take fewer bits. */
function cheapestCodes(tokens: Tokens): Codes {
  const own = makeCodes(withAllSymbols(weigh(tokens)));
  return bitLengthWith(tokens, own) < bitLengthWith(tokens, fixedCodes) ? own : fixedCodes;
}

/** What has no weight gets a little, for what may stand there instead. */
function withAllSymbols({ symbols, distances }: Weights): Weights {
  const some = (weight: number): number => 64 * weight + 1;
  return { symbols: symbols.map(some), distances: distances.map(some) };
}

function bitLengthWith(tokens: Tokens, codes: Codes): number {
  const writer = createBitWriter(4 * tokens.length);
  beginBlock(writer, codes);
  for (const token of tokens) writeToken(writer, codes, token);
  endBlock(writer, codes);
  return bitLength(writer);
}
