/** Bytes `from` to `to` of a file, and what stands there instead. */
export interface Splice {
  from: number;
  to: number;
  bytes: Buffer;
}

/** How a file came out of another; splices in order, none over another. */
export interface Edit {
  source: Buffer;
  splices: readonly Splice[];
  /** What came out, deflated; filled in when it is first needed. */
  deflated?: Deflated;
}

/** Whole blocks of so many bits, for a place so many bytes further behind the files before than the source's. */
export interface Deflated {
  offsetChange: number;
  bytes: Uint8Array;
  bits: number;
  /** CRC-32 of the file, and what another is multiplied by before it. */
  crc: number;
  crcMultiplier: number;
}

/** The file that comes out. */
export function applySplices({ source, splices }: Pick<Edit, 'source' | 'splices'>): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const splice of splices) {
    parts.push(source.subarray(from, splice.from), splice.bytes);
    from = splice.to;
  }
  return Buffer.concat([...parts, source.subarray(from)]);
}
