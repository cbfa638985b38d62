import type { Context } from 'hono';
import { RegistryError } from '../../core/errors.ts';
import { readBodyObject } from '../../core/recipe/read-body.ts';
import type { JsonObject } from '../../core/yaml/json.ts';
import type { Env } from './mount-routes.ts';
import { chunksOf, requestBody } from './request-body.ts';

/**
 * A request body as text.
 * @param limit bytes
 * @param hint what to do about bytes that are no text, where a client may well have meant something else
 * @throws {RegistryError} `request.tooLarge`, `request.incomplete`, `request.notJson` for bytes that are not UTF-8
 */
export async function readText(c: Context<Env>, limit: number, hint = ''): Promise<string> {
  const bytes = await readBytes(c, limit);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RegistryError('request.notJson', `The body is not UTF-8.${hint}`);
  }
}

/**
 * A request body as it came.
 * @param limit bytes
 * @throws {RegistryError} `request.tooLarge`, `request.incomplete`
 */
export async function readBytes(c: Context<Env>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of chunksOf(requestBody(c))) {
      size += chunk.length;
      // The rest is read and dropped, or the client would be cut off before it has read the answer.
      if (size <= limit) chunks.push(chunk);
      else if (size > limit + maxDrainBytes) break;
    }
  } catch {
    throw new RegistryError('request.incomplete', 'The body ended before it was complete.');
  }
  if (size > limit) throw new RegistryError('request.tooLarge', `The body is over ${limit} bytes.`);
  return Buffer.concat(chunks);
}

/** Bytes past a limit that are still read from a client before the connection is given up. */
export const maxDrainBytes = 128 * 1024 * 1024;

/**
 * Reads a small body as a JSON object of values that can be stored. A body that may be large is read by `ChartWork`.
 * @throws {RegistryError} as `readText` and `readBodyObject`
 */
export async function readObject(c: Context<Env>, limit: number): Promise<JsonObject> {
  return readBodyObject(await readText(c, limit));
}
