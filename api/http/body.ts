import { Readable } from 'node:stream';
import type { Context } from 'hono';
import { RegistryError } from '../../core/errors.ts';
import { checkBody } from '../../core/recipe/check-body.ts';
import { parseJsonText } from '../../core/recipe/parse-text.ts';
import { isObject, type JsonObject } from '../../core/yaml/json.ts';
import type { Env } from './env.ts';

/**
 * A request body as text.
 * @param limit bytes
 * @param hint what to do about bytes that are no text, where a client may well have meant something else
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
 * A request body as it came.
 * @param limit bytes
 * @throws {RegistryError} `request.tooLarge`, `request.incomplete`
 */
export async function readBodyBytes(c: Context<Env>, limit: number): Promise<Buffer> {
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
 * A request body that is a JSON object, of values that can be stored.
 * @throws {RegistryError} what `readBodyText` and `parseJsonText` find wrong; `request.invalid` with the pointer of the fault
 */
export async function readBodyObject(c: Context<Env>, limit: number): Promise<JsonObject> {
  const value = parseJsonText(await readBodyText(c, limit));
  checkBody(value, invalid);
  if (isObject(value)) return value;
  throw invalid('', 'must be a JSON object');
}

function invalid(pointer: string, fault: string): RegistryError {
  return new RegistryError('request.invalid', `${pointer || 'The body'} ${fault}.`, { pointer });
}

/**
 * A request's body, as Node received it: the streams of the web's `Request` around it cost more than many a body does.
 * Whoever reads it must not destroy it: that would end the connection before the answer.
 */
export function requestBody(c: Context<Env>): Readable {
  const incoming = c.env.incoming;
  if (incoming) return incoming;
  const body = c.req.raw.body;
  return body ? Readable.fromWeb(body) : Readable.from([]);
}

/** Reads a body's chunks; what is left when the loop ends early stays to be read. */
export function chunksOf(body: Readable): AsyncIterable<Buffer> {
  return body.iterator({ destroyOnReturn: false });
}
