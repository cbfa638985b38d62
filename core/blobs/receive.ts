import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { RegistryError } from '../errors.ts';
import { readableOf } from './content.ts';
import type { Content } from './port.ts';

/** Content received from a client; may lie in a temporary file until it is discarded. */
export interface ReceivedContent extends Content {
  /** Removes the temporary file, if there is one. Call it in every case; a second call does nothing. */
  discard(): Promise<void>;
}

/** Largest upload, in bytes, that stays in memory; most charts are smaller. */
export const maxInMemoryBytes = 256 * 1024;

/**
 * Reads a stream to its end, and computes digest and size as the bytes pass.
 * @param limit largest accepted size in bytes
 * @param folder for the temporary file of a large upload; made if missing
 * @throws {RegistryError} `upload.tooLarge` once there are more than `limit` bytes. After any failure nothing
 *   is kept, and the caller reads or ends the rest of the source
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
    // Keep the source open on failure: its rest may have to be read before the client reads the answer.
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
      size += bytes.length;
      if (size > limit) throw uploadTooLargeError(limit);
      hash.update(bytes);
      if (!file && size > maxInMemoryBytes) {
        file = await createUploadFile(folder);
        for (const chunk of chunks.splice(0)) await file.handle.appendFile(chunk);
      }
      if (file) await file.handle.appendFile(bytes);
      else chunks.push(bytes);
    }
  } catch (error) {
    // `close` may fail on a full disk; remove the file all the same.
    await file?.handle.close().catch(() => undefined);
    if (file) await rm(file.path, { force: true });
    throw error;
  }
  const digest = `sha256:${hash.digest('hex')}` as const;
  if (!file) {
    const bytes = Buffer.concat(chunks);
    const open = () => readableOf(bytes);
    return { digest, computed: digest, size, bytes, open, discard: async () => undefined };
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

async function createUploadFile(folder: string): Promise<{ path: string; handle: FileHandle }> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `upload-${randomBytes(12).toString('hex')}`);
  return { path, handle: await open(path, 'wx', 0o600) };
}

/** Makes the error for an upload of more bytes than a limit. */
export function uploadTooLargeError(limit: number): RegistryError {
  return new RegistryError('upload.tooLarge', `The upload is over ${limit} bytes, the limit here.`, {
    limit,
  });
}
