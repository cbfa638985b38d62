import type { Readable } from 'node:stream';

/** `sha256:` and 64 lower-case hexadecimal digits, as OCI writes digests. */
export type Digest = `sha256:${string}`;

/** Bytes that are known by digest and size and can be read from the start more than once. */
export interface Content {
  digest: Digest;
  /** Bytes. */
  size: number;
  /** All of them, where they are in memory anyway. */
  bytes?: Buffer;
  open(): Readable;
}

/** Content that is in memory. */
export type ReadContent = Content & { bytes: Buffer };

/** A part of a blob in bytes, both ends included, as in RFC 9110 section 14.1.2. */
export interface ByteRange {
  first: number;
  last: number;
}

/** A blob as the store lists it. */
export interface StoredBlob {
  digest: Digest;
  /** Bytes. */
  size: number;
  /** When it was put. */
  storedAt: Date;
}

/**
 * The object store: immutable bytes named by their content. A blob is written before the row that names it, so a crash
 * leaves at worst a blob without a row.
 */
export interface BlobStore {
  /**
   * Stores content durably under its digest. Storing what is there already changes nothing, unless that is of another size.
   * @param how.replace writes the bytes also over a blob of this size, atomically: what is there is damaged
   */
  put(content: Content, how?: { replace?: boolean }): Promise<void>;
  /**
   * Opens a blob for reading.
   * @param size bytes that the whole blob must have; not looked at if undefined
   * @returns undefined when no such blob exists; every other failure throws or arrives as the stream's error.
   * @throws {DamagedBlob} when the blob has another size
   */
  open(digest: Digest, range?: ByteRange, size?: number): Promise<Readable | undefined>;
  /** Size in bytes, or undefined when no such blob exists. */
  stat(digest: Digest): Promise<{ size: number } | undefined>;
  /** Every blob there is, in no order that is promised; what is put or deleted meanwhile may be missing. */
  list(): AsyncIterable<StoredBlob>;
  /** Removes a blob; removing what is not there is no error. */
  delete(digest: Digest): Promise<void>;
  /**
   * An address from which a client can fetch a blob by itself for a few minutes, whether or not the blob is there. Absent
   * where a store has no such thing, or where it is not wanted.
   * @param as what the answer there calls the bytes
   */
  link?(digest: Digest, as: { filename: string; contentType: string }): Promise<string>;
  /** This store without the checks that are made of what is read from it; absent where none are made. */
  unchecked?: BlobStore;
  /** Whether the store can be used now; throws when it cannot. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
