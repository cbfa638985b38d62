import type { Segment } from './deflate/segments.ts';

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
  /** How what came out is deflated, by the level; filled in when it is first needed. */
  segments: Map<number, readonly Segment[]>;
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
