import type { Readable } from 'node:stream';

/** `sha256:` and 64 lower-case hexadecimal digits, as OCI writes digests. */
export type Digest = `sha256:${string}`;

/** Bytes with known digest and size, readable from the start more than once. */
export interface Content {
  digest: Digest;
  /** Bytes. */
  size: number;
  /** All bytes, where they are in memory anyway. */
  bytes?: Buffer;
  /** Digest that was computed of `bytes`, where this process has done so: a store need not compute it again. */
  computed?: Digest;
  open(): Readable;
}

/** Content in memory. */
export type BufferedContent = Content & { bytes: Buffer };

/** Range of a blob in bytes, both ends included, as in RFC 9110 section 14.1.2. */
export interface ByteRange {
  first: number;
  last: number;
}

/** Entry of the store's list. */
export interface StoredBlob {
  digest: Digest;
  /** Bytes. */
  size: number;
  /** Time of the put. */
  storedAt: Date;
}

/**
 * Store of blobs: immutable bytes addressed by their digest. A blob is written before its first reference, so a
 * crash leaves an orphan at worst.
 */
export interface BlobStore {
  /**
   * Stores content durably under its digest. A blob of the same digest and size is not written again.
   * @param how.replace overwrites a blob of this size too, atomically, because the stored one is damaged
   */
  put(content: Content, how?: { replace?: boolean }): Promise<void>;
  /**
   * Opens a blob for reading.
   * @param size bytes that the whole blob must have; undefined skips the check
   * @returns undefined when the blob does not exist; all other failures throw or arrive as the stream's error
   * @throws {DamagedBlob} when the blob has another size
   */
  open(digest: Digest, range?: ByteRange, size?: number): Promise<Readable | undefined>;
  /** Returns the size in bytes, or undefined when the blob does not exist. */
  stat(digest: Digest): Promise<{ size: number } | undefined>;
  /** Lists all blobs in no particular order; blobs that are put or deleted meanwhile may be missing. */
  list(): AsyncIterable<StoredBlob>;
  /** Deletes a blob; deleting a missing one is not an error. */
  delete(digest: Digest): Promise<void>;
  /**
   * Makes a URL from which a client can fetch a blob for a few minutes, whether or not it exists. Absent where
   * the store has no such links, or they are switched off.
   * @param as file name and media type of the answer at the URL
   */
  link?(digest: Digest, as: { filename: string; contentType: string }): Promise<string>;
  /** Store without the checks of reads; absent where reads are not checked. */
  unchecked?: BlobStore;
  /** Checks that the store can be used. @throws when it cannot */
  ping(): Promise<void>;
  close(): Promise<void>;
}
