import type { Readable } from 'node:stream';
import type { OciDigest } from '../oci/digest.ts';
import type { BlobReference } from './references.ts';

/** Content of which a good copy is wanted: a blob, or what PostgreSQL keeps itself. */
export interface WantedBlob {
  digest: OciDigest;
  /** Rows that name it: what other places know it by, and the sizes that it may have. */
  references: readonly BlobReference[];
  /** Bytes that a copy has at most, where no row says how many it must have. */
  maxSize: number;
}

/** Place that may have a copy of a blob. */
export interface Candidate {
  /** Path or address, for the operator. */
  name: string;
  /**
   * @returns undefined when there is nothing at this place
   * @throws when it cannot be told, because the place is not reachable, or not readable, at this moment
   */
  open(): Promise<Readable | undefined>;
}

/** Place outside the store that good copies of blobs come from. */
export interface Copies {
  /** Path or address, for the operator. */
  name: string;
  /** Places to look at, the likeliest first. What they hold is checked by whoever takes it. */
  candidates(wanted: WantedBlob): AsyncIterable<Candidate>;
  /** Makes sure that the place can be reached at all; throws what it fails with, which has a `code`. */
  assertFolder(): Promise<void>;
  close(): Promise<void>;
}

/** Sizes that rows say of a blob; none where only jobs name it. */
export function sizesOf({ references }: WantedBlob): number[] {
  return [...new Set(references.flatMap(({ size }) => (size === null ? [] : [size])))];
}
