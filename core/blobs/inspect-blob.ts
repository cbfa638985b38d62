import { createHash } from 'node:crypto';
import { errorCode, isTransientError } from '../runtime/transient-errors.ts';
import { isDamageError } from './damaged-blob.ts';
import type { BlobStore, Digest } from './port.ts';

/** Result of reading a blob to its end. */
export type BlobInspection =
  | { state: 'read'; digest: Digest; size: number }
  | { state: 'missing' }
  /** The disk, or a folder in the blob's place, keeps the bytes from being read; `reason` is the driver's. */
  | { state: 'unreadable'; reason: string }
  /** Reading failed for a reason that passes, such as too many open files, which says nothing about the bytes. */
  | { state: 'unknown'; reason: string; error: unknown };

/**
 * Reads a blob to its end and computes its digest and size.
 * @param expected size that the blob should have, where it is known; another one is `unreadable`
 * @throws when the store itself cannot be reached
 */
export async function inspectBlob(
  blobs: BlobStore,
  digest: Digest,
  expected?: number,
): Promise<BlobInspection> {
  try {
    const stream = await blobs.open(digest, undefined, expected);
    if (!stream) {
      // An unmounted folder has no file either, which says nothing about the blob.
      await blobs.ping();
      return { state: 'missing' };
    }
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of stream) {
      const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
      hash.update(bytes);
      size += bytes.length;
    }
    return { state: 'read', digest: `sha256:${hash.digest('hex')}`, size };
  } catch (error) {
    await blobs.ping();
    const reason = errorCode(error);
    return isTransientError(error) && !isDamageError(error)
      ? { state: 'unknown', reason, error }
      : { state: 'unreadable', reason };
  }
}

/**
 * Describes a blob's fault as the end of a sentence; undefined without one.
 * @param size bytes in the row; null or undefined skips the comparison
 */
export function describeFault(
  digest: Digest,
  found: BlobInspection,
  size: number | null | undefined,
): string | undefined {
  if (found.state === 'missing') return `the blob ${digest} is missing`;
  if (found.state === 'unreadable' || found.state === 'unknown')
    return `the blob ${digest} cannot be read (${found.reason})`;
  if (found.digest !== digest) return `the blob ${digest} holds ${found.size} other bytes, ${found.digest}`;
  if (typeof size === 'number' && size !== found.size)
    return `the blob ${digest} has ${found.size} bytes, its row says ${size}`;
  return undefined;
}
