import { Readable } from 'node:stream';
import type { Context } from 'hono';
import { RegistryError } from '../../core/errors.ts';
import { readBodyObject } from '../../core/recipe/read-body.ts';
import type { JsonObject } from '../../core/yaml/json.ts';
import type { Env } from './env.ts';

/**
 * Reads a request body as text.
 * @param limit bytes
 * @param hint added to the message when the body is not UTF-8: how to send other content
 * @throws {RegistryError} `request.tooLarge`, `request.incomplete`, `request.notJson` for bytes that are not UTF-8
 */
export async function readBodyText(c: Context<Env>, limit: number, hint = ''): Promise<string> {
  const bytes = await readBodyBytes(c, limit);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RegistryError('request.notJson', `The body is not UTF-8.${hint}`);
  }
}

/**
 * Reads a request body as bytes.
 * @param limit bytes
 * @throws {RegistryError} `request.tooLarge`, `request.incomplete`
 */
export async function readBodyBytes(c: Context<Env>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of chunksOf(requestBody(c))) {
      size += chunk.length;
      // Read and drop the rest: a client that is cut off while it sends never reads the response.
      if (size <= limit) chunks.push(chunk);
      else if (size > limit + maxDrainBytes) break;
    }
  } catch {
    throw new RegistryError('request.incomplete', 'The body ended before it was complete.');
  }
  if (size > limit) throw new RegistryError('request.tooLarge', `The body is over ${limit} bytes.`);
  return Buffer.concat(chunks);
}

/** Largest number of bytes past a limit that are read and dropped before the connection is closed: 128 MiB. */
export const maxDrainBytes = 128 * 1024 * 1024;

/**
 * Reads a small body as a JSON object that PostgreSQL can store. `ChartWork` reads bodies that may be large.
 * @throws {RegistryError} as `readBodyText` and `readBodyObject`
 */
export async function readJsonBody(c: Context<Env>, limit: number): Promise<JsonObject> {
  return readBodyObject(await readBodyText(c, limit));
}

/**
 * Returns the request body as Node's own stream. The web's `Request` around it costs more than many a body. The
 * reader must not destroy the stream: that would close the connection before the response.
 */
export function requestBody(c: Context<Env>): Readable {
  const incoming = c.env.incoming;
  if (incoming) return incoming;
  const body = c.req.raw.body;
  return body ? Readable.fromWeb(body) : Readable.from([]);
}

/** Iterates over a body's chunks. When the loop ends early, the stream stays open and can be read on. */
export function chunksOf(body: Readable): AsyncIterable<Buffer> {
  return body.iterator({ destroyOnReturn: false });
}
