import { bitLength, createBitWriter, padToByte, writtenBytes, writeBits } from './bits.ts';
import { beginBlock, endBlock, weigh, writeToken } from './block.ts';
import type { DigitCodes, Section } from './body.ts';
import { firstDigit, makeCodes } from './codes.ts';
import type { SectionTokens } from './share-tokens.ts';

/** Writes the tokens of a section down as bits, with room for the sums in which folders differ. */
export function encodeSection(part: SectionTokens): Section {
  const { file, at: begin, ends, sums } = part;
  const tokens = Uint32Array.from(part.tokens);
  const writer = createBitWriter(4 * tokens.length);
  const places: Section['sums'] = [];
  let from = 0;
  let next = 0;
  for (const end of ends) {
    const codes = makeCodes(weigh(tokens.subarray(from, end)));
    const digits: DigitCodes = {
      bits: codes.symbolBits[firstDigit] ?? 0,
      codes: codes.symbolCodes.slice(firstDigit, firstDigit + 8),
    };
    beginBlock(writer, codes);
    for (let at = from; at < end; at += 1) {
      const sum = sums[next];
      if (sum?.token === at) {
        places.push({ at: bitLength(writer), file: sum.file, codes: digits });
        for (let digit = 0; digit < 6; digit += 1) writeBits(writer, 0, digits.bits);
        at += 5;
        next += 1;
      } else writeToken(writer, codes, tokens[at] ?? 0);
    }
    endBlock(writer, codes);
    from = end;
  }
  const bits = bitLength(writer);
  padToByte(writer);
  return { file, at: begin, bytes: new Uint8Array(writtenBytes(writer)), bits, sums: places };
}

/** What is put over is whole bytes before the end, which may still be in the making. */
export function hasWholeChecksums({ bits, sums }: Section): boolean {
  return sums.every(({ at, codes }) => at + 6 * codes.bits <= bits - (bits % 8));
}
