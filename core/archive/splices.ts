/** Replacement of the bytes `from` to `to` of a file. */
export interface Splice {
  from: number;
  to: number;
  bytes: Buffer;
}

/** Change of a file by splices, which are in order and do not overlap. */
export interface Edit {
  source: Buffer;
  splices: readonly Splice[];
  /** Deflated result, cached by assembly on first use. */
  deflated?: Deflated;
}

/** Deflated content of an edited file. */
export interface Deflated {
  /** Bytes that the file is further behind its chart's body than when the source was coded; copies depend on it. */
  offsetChange: number;
  /** Whole deflate blocks of `bits` bits. */
  bytes: Uint8Array;
  bits: number;
  /** CRC-32 of the content. */
  crc: number;
  /** Factor of `combineCrc` for the content's length. */
  crcMultiplier: number;
}

/** Applies splices to a file and returns the result. */
export function applySplices({ source, splices }: Pick<Edit, 'source' | 'splices'>): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const splice of splices) {
    parts.push(source.subarray(from, splice.from), splice.bytes);
    from = splice.to;
  }
  return Buffer.concat([...parts, source.subarray(from)]);
}
