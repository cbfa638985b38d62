import type { Readable } from 'node:stream';
import type { Digest } from '../blobs/port.ts';
import type { BlobReference } from './references.ts';

/** Blob that needs a good copy. */
export interface WantedBlob {
  digest: Digest;
  /** References to the blob: its names elsewhere, and its possible sizes. */
  references: readonly BlobReference[];
}

/** Place that may have a copy of a blob. */
export interface Candidate {
  /** Path or address, for the operator. */
  name: string;
  /** Opens the copy. @returns undefined when there is none at this place */
  open(): Promise<Readable | undefined>;
}

/** Source of good copies of blobs, outside the store. */
export interface Copies {
  /** Path or address, for the operator. */
  name: string;
  /** Lists places that may have a copy, the likeliest first. The caller checks their bytes. */
  candidates(wanted: WantedBlob): AsyncIterable<Candidate>;
  /** Checks that the source can be reached; throws an error with a `code`. */
  assertReachable(): Promise<void>;
  close(): Promise<void>;
}

/** Returns the sizes of a blob in its references; none where only jobs need it. */
export function sizesOf({ references }: WantedBlob): number[] {
  return [...new Set(references.flatMap(({ size }) => (size === null ? [] : [size])))];
}
