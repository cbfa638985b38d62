import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { RegistryError } from '../errors.ts';
import { readableOf } from './content.ts';
import type { Content } from './port.ts';

/** What came in from a client: content that may lie in a temporary file until it is discarded. */
export interface ReceivedContent extends Content {
  /** Removes the temporary file, if there is one. To be called in every case, and no harm when called twice. */
  discard(): Promise<void>;
}

/** Bytes up to which an upload stays in memory; most charts do, and many uploads at once cost little. */
const inMemory = 256 * 1024;

/**
 * Reads a stream to its end, hashing and counting as the bytes pass.
 * @param limit bytes that are accepted at most
 * @param folder for the temporary file of a large one; made if it is not there
 * @throws {RegistryError} `upload.tooLarge` as soon as there is more than `limit`; nothing of it is kept then, nor when
 *   the source fails; the rest of the source is its owner's to read or to end
 */
export async function receiveContent(
  source: Readable,
  limit: number,
  folder: string,
): Promise<ReceivedContent> {
  const hash = createHash('sha256');
  const chunks: Buffer[] = [];
  let size = 0;
  let file: { path: string; handle: FileHandle } | undefined;
  try {
    // The source stays whole on failure: what is left of it may have to be read for its sender to hear the answer.
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
      size += bytes.length;
      if (size > limit) throw tooLarge(limit);
      hash.update(bytes);
      if (!file && size > inMemory) {
        file = await createFile(folder);
        for (const held of chunks.splice(0)) await file.handle.appendFile(held);
      }
      if (file) await file.handle.appendFile(bytes);
      else chunks.push(bytes);
    }
  } catch (error) {
    // A full disk may be told of at the close; what was written goes all the same.
    await file?.handle.close().catch(() => undefined);
    if (file) await rm(file.path, { force: true });
    throw error;
  }
  const digest = `sha256:${hash.digest('hex')}` as const;
  if (!file) {
    const bytes = Buffer.concat(chunks);
    return { digest, size, bytes, open: () => readableOf(bytes), discard: async () => undefined };
  }
  const { path, handle } = file;
  try {
    await handle.close();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return {
    digest,
    size,
    open: () => createReadStream(path),
    discard: () => rm(path, { force: true }),
  };
}

async function createFile(folder: string): Promise<{ path: string; handle: FileHandle }> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `upload-${randomBytes(12).toString('hex')}`);
  return { path, handle: await open(path, 'wx', 0o600) };
}

function tooLarge(limit: number): RegistryError {
  return new RegistryError('upload.tooLarge', `The upload is over ${limit} bytes, the limit here.`, {
    limit,
  });
}
