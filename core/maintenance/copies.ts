import type { Readable } from 'node:stream';
import type { Digest } from '../blobs/port.ts';
import type { Namer } from './references.ts';

/** Blob of which a good copy is wanted. */
export interface WantedBlob {
  digest: Digest;
  /** Rows that name it: what other places know it by, and the sizes that it may have. */
  namers: readonly Namer[];
}

/** Place that may have a copy of a blob. */
export interface Candidate {
  /** Path or address, for the operator. */
  name: string;
  /** @returns undefined when there is nothing at this place */
  open(): Promise<Readable | undefined>;
}

/** Place outside the store that good copies of blobs come from. */
export interface Copies {
  /** Path or address, for the operator. */
  name: string;
  /** Places to look at, the likeliest first. What they hold is checked by whoever takes it. */
  candidates(wanted: WantedBlob): AsyncIterable<Candidate>;
  /** Makes sure that the place can be reached at all; throws what it fails with, which has a `code`. */
  reach(): Promise<void>;
  close(): Promise<void>;
}

/** Sizes that rows say of a blob; none where only jobs name it. */
export function sizesOf({ namers }: WantedBlob): number[] {
  return [...new Set(namers.flatMap(({ size }) => (size === null ? [] : [size])))];
}
