import { bitLength, createBitWriter, padToByte, writeBits, writtenBytes } from './bits.ts';
import { beginBlock, countSymbols, endBlock, writeToken } from './block.ts';
import type { BodySection, DigitCodes } from './body.ts';
import { makeCodes, zeroDigit } from './codes.ts';
import type { SectionTokens } from './distribute-tokens.ts';

/** Encodes the tokens of a section. Checksums that depend on the folder are zero bits. */
export function encodeSection(section: SectionTokens): BodySection {
  const { file, at: begin, ends, checksums } = section;
  const tokens = Uint32Array.from(section.tokens);
  const writer = createBitWriter(4 * tokens.length);
  const places: BodySection['checksums'] = [];
  let from = 0;
  let next = 0;
  for (const end of ends) {
    const codes = makeCodes(countSymbols(tokens.subarray(from, end)));
    const digits: DigitCodes = {
      bits: codes.symbolBits[zeroDigit] ?? 0,
      codes: codes.symbolCodes.slice(zeroDigit, zeroDigit + 8),
    };
    beginBlock(writer, codes);
    for (let at = from; at < end; at += 1) {
      const checksum = checksums[next];
      if (checksum?.token === at) {
        places.push({ at: bitLength(writer), file: checksum.file, codes: digits });
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
  return { file, at: begin, bytes: new Uint8Array(writtenBytes(writer)), bits, checksums: places };
}

/** Tells whether all checksums lie in whole bytes. A last partial byte is not yet in the writer's output. */
export function hasWholeChecksums({ bits, checksums }: BodySection): boolean {
  return checksums.every(({ at, codes }) => at + 6 * codes.bits <= bits - (bits % 8));
}
