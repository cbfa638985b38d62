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
}

/** The file that comes out. */
export function applySplices({ source, splices }: Edit): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const splice of splices) {
    parts.push(source.subarray(from, splice.from), splice.bytes);
    from = splice.to;
  }
  return Buffer.concat([...parts, source.subarray(from)]);
}
