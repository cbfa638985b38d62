import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { readableOf } from './content.ts';
import { DamagedBlob } from './damaged-blob.ts';
import type { Digest } from './port.ts';

/** Bytes of a blob that are read and checked before the first is given out. */
export const maxReadAhead = 256 * 1024;

/**
 * Reads a whole blob and holds it to its digest. Up to {@link maxReadAhead} bytes are checked before this returns; of a
 * longer one the last chunk is held back until all of it has been checked, so nobody gets damaged bytes to their end.
 * @param explain what a stream is to fail with, of what it has met
 * @returns the bytes at once, or a stream that fails before its last chunk
 * @throws {DamagedBlob} when a blob that fits is something else; what `source` fails with
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
      if (`sha256:${hash.digest('hex')}` !== digest) throw otherBytes(digest);
      return Buffer.concat(ahead);
    }
    const bytes = toBuffer(next.value);
    hash.update(bytes);
    size += bytes.length;
    ahead.push(bytes);
  }

  async function* readOn(): AsyncGenerator<Buffer> {
    try {
      let held: Buffer = Buffer.concat(ahead.splice(0));
      for (;;) {
        const next = await chunks.next();
        if (next.done) break;
        yield held;
        held = toBuffer(next.value);
        hash.update(held);
      }
      if (`sha256:${hash.digest('hex')}` !== digest) throw otherBytes(digest);
      yield held;
    } catch (error) {
      throw await explain(error);
    } finally {
      // Where the reader has given up, so does this.
      await chunks.return?.();
    }
  }
  const stream = Readable.from(readOn(), { objectMode: false });
  // A generator that was never begun has no end to come to.
  stream.once('close', () => source.destroy());
  return stream;
}

/** Makes a stream of what {@link readChecked} gave. */
export function streamOf(read: Buffer | Readable): Readable {
  return Buffer.isBuffer(read) ? readableOf(read) : read;
}

function toBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (chunk instanceof Uint8Array) return Buffer.from(chunk);
  throw new Error('a blob was read as something else than bytes');
}

function otherBytes(digest: Digest): DamagedBlob {
  return new DamagedBlob(digest, 'it holds other bytes');
}
