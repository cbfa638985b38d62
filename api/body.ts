import type { Context } from 'hono';
import { isObject, type JsonObject } from '../core/chart/json.ts';
import { RegistryError } from '../core/errors.ts';
import { parseRecipeText } from '../core/recipe/parse-text.ts';
import type { Env } from './mount.ts';

/**
 * A request body as text.
 * @param limit bytes
 * @throws {RegistryError} `request.tooLarge`, `request.incomplete`, `request.notJson` for bytes that are not UTF-8
 */
export async function readText(c: Context<Env>, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of c.req.raw.body ?? []) {
      size += chunk.byteLength;
      // The rest is read and dropped, or the client would be cut off before it has read the answer.
      if (size <= limit) chunks.push(chunk);
      else if (size > limit + mostDrained) break;
    }
  } catch {
    throw new RegistryError('request.incomplete', 'The body ended before it was complete.');
  }
  if (size > limit) throw new RegistryError('request.tooLarge', `The body is over ${limit} bytes.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new RegistryError('request.notJson', 'The body is not UTF-8.');
  }
}

/** Bytes past a limit that are still read from a client before the connection is given up. */
export const mostDrained = 128 * 1024 * 1024;

/**
 * A request body that is a JSON object.
 * @throws {RegistryError} what `readText` and `parseRecipeText` find wrong; `request.invalid` for any other JSON
 */
export async function readObject(c: Context<Env>, limit: number): Promise<JsonObject> {
  const value = parseRecipeText(await readText(c, limit));
  if (isObject(value)) return value;
  throw new RegistryError('request.invalid', 'The body must be a JSON object.', { pointer: '' });
}
