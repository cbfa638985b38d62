import type { Readable } from 'node:stream';
import type { OciDigest } from '../oci/digest.ts';
import type { BlobReference } from './references.ts';

/** Content of which a good copy is wanted: a blob, or what PostgreSQL keeps itself. */
export interface WantedBlob {
  digest: OciDigest;
  /** Database rows that need the blob. Their names lead to copies elsewhere; their sizes check them. */
  references: readonly BlobReference[];
  /** Bytes that a copy has at most, where no row says how many it must have. */
  maxSize: number;
}

/** Location that may have a copy of a blob. */
export interface CopyLocation {
  /** Path or address, for the operator. */
  name: string;
  /**
   * @returns undefined when there is nothing there
   * @throws when that is unknown, because the location is not reachable, or not readable, at this moment
   */
  open(): Promise<Readable | undefined>;
}

/** Source of good copies of blobs, outside the store. */
export interface Copies {
  /** Path or address, for the operator. */
  name: string;
  /** Lists locations that may have a copy, the likeliest first. The caller checks their bytes. */
  locations(wanted: WantedBlob): AsyncIterable<CopyLocation>;
  /** Checks that the source can be reached; throws an error with a `code`. */
  assertReachable(): Promise<void>;
  close(): Promise<void>;
}

/** Returns the sizes of a blob in its references; none where only jobs need it. */
export function recordedSizesOf({ references }: WantedBlob): number[] {
  return [...new Set(references.flatMap(({ size }) => (size === null ? [] : [size])))];
}
