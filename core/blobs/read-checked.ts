import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { readableOf } from './content.ts';
import { DamagedBlob } from './damaged-blob.ts';
import type { Digest } from './port.ts';

/** Bytes of a blob that are checked before the first is sent. */
export const maxReadAhead = 256 * 1024;

/**
 * Reads a whole blob and compares it with its digest. Blobs of up to {@link maxReadAhead} bytes are checked
 * before this returns. The last chunk of a longer blob waits until all of it has been checked, so no reader
 * gets a damaged blob to its end.
 * @param explain maps an error of the source to the error of the stream
 * @returns all bytes, or a stream that fails before its last chunk
 * @throws {DamagedBlob} when a short blob does not match; the errors of `source`
 */
export async function readChecked(
  source: Readable,
  digest: Digest,
  explain: (error: unknown) => Promise<unknown>,
): Promise<Buffer | Readable> {
  const hash = createHash('sha256');
  const chunks = source.iterator();
  const ahead: Buffer[] = [];
  let size = 0;
  while (size <= maxReadAhead) {
    const next = await chunks.next();
    if (next.done) {
      if (`sha256:${hash.digest('hex')}` !== digest) throw mismatchError(digest);
      return Buffer.concat(ahead);
    }
    const bytes = toBuffer(next.value);
    hash.update(bytes);
    size += bytes.length;
    ahead.push(bytes);
  }

  async function* readOn(): AsyncGenerator<Buffer> {
    try {
      let pending: Buffer = Buffer.concat(ahead.splice(0));
      for (;;) {
        const next = await chunks.next();
        if (next.done) break;
        yield pending;
        pending = toBuffer(next.value);
        hash.update(pending);
      }
      if (`sha256:${hash.digest('hex')}` !== digest) throw mismatchError(digest);
      yield pending;
    } catch (error) {
      throw await explain(error);
    } finally {
      // Ends the source when the reader stops early.
      await chunks.return?.();
    }
  }
  const stream = Readable.from(readOn(), { objectMode: false });
  // A generator that never started runs no `finally`.
  stream.once('close', () => source.destroy());
  return stream;
}

/** Makes a stream of the result of {@link readChecked}. */
export function streamOf(read: Buffer | Readable): Readable {
  return Buffer.isBuffer(read) ? readableOf(read) : read;
}

function toBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (chunk instanceof Uint8Array) return Buffer.from(chunk);
  throw new Error('the stream of a blob sent something other than bytes');
}

function mismatchError(digest: Digest): DamagedBlob {
  return new DamagedBlob(digest, 'it holds other bytes');
}
