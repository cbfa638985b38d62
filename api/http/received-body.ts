import type { Readable } from 'node:stream';
import type { Context as HonoContext } from 'hono';
import { type ReceivedContent, receiveContent } from '../../core/blobs/receive.ts';
import { isRegistryError, RegistryError } from '../../core/errors.ts';
import { chunksOf, maxDrainBytes, requestBody } from './body.ts';
import type { Env } from './env.ts';

/**
 * Streams a request's body to memory or disk, passes it to `use`, and discards it.
 * @param limit bytes
 * @param folder for bodies that are too large for memory
 * @throws {RegistryError} `upload.tooLarge`, `request.incomplete`
 */
export async function withReceivedBody<T>(
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
    // An error of the disk is the registry's own; an error of the source means that the client cut it off.
    if (source.errored === null) throw error;
    throw new RegistryError('request.incomplete', 'The body ended before it was complete. Send it again.');
  }
}

/** Reads and drops an unread body, up to `maxDrainBytes`. Clients read the response only after their body is read. */
export async function drainRequest(c: HonoContext<Env>): Promise<void> {
  const incoming = c.env.incoming;
  // A request without a body, such as HEAD, has nothing to drop.
  if (incoming?.complete && incoming.readableLength === 0) return;
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
    // The client has disconnected: nobody reads a response.
    return;
  }
}
