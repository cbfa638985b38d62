import type { Readable } from 'node:stream';
import type { Context as HonoContext } from 'hono';
import { type ReceivedContent, receiveContent } from '../../core/blobs/receive.ts';
import { isRegistryError, RegistryError } from '../../core/errors.ts';
import { chunksOf, maxDrainBytes, requestBody } from './body.ts';
import type { Env } from './env.ts';

/**
 * Receives a request's body, streaming, and lends it to `use`.
 * @param limit bytes
 * @param folder where a large one waits; it is gone when this returns
 * @throws {RegistryError} `upload.tooLarge`, `request.incomplete`
 */
export async function withBody<T>(
  c: HonoContext<Env>,
  limit: number,
  folder: string,
  use: (body: ReceivedContent) => Promise<T>,
): Promise<T> {
  const body = await receiveBody(c, limit, folder);
  try {
    return await use(body);
  } finally {
    await body.discard();
  }
}

async function receiveBody(c: HonoContext<Env>, limit: number, folder: string): Promise<ReceivedContent> {
  const source = requestBody(c);
  try {
    return await receiveContent(source, limit, folder);
  } catch (error) {
    if (isRegistryError(error)) {
      await drain(source);
      throw error;
    }
    // Whatever became of the disk is ours; a source that failed was cut off by its sender.
    if (source.errored === null) throw error;
    throw new RegistryError('request.incomplete', 'The body ended before it was complete. Send it again.');
  }
}

/** Reads and drops a body that nobody has begun to read, within reason, so that its sender gets to read the answer. */
export async function drainRequest(c: HonoContext<Env>): Promise<void> {
  const source = requestBody(c);
  if (!source.readableDidRead) await drain(source);
}

async function drain(source: Readable): Promise<void> {
  let dropped = 0;
  try {
    for await (const chunk of chunksOf(source)) {
      dropped += chunk.length;
      if (dropped > maxDrainBytes) return;
    }
  } catch {
    // It is gone: there is nobody to answer.
    return;
  }
}
