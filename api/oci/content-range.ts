import type { Context as HonoContext } from 'hono';
import { RegistryError } from '../../core/errors.ts';
import type { Env } from '../http/env.ts';
import { requestHeader } from '../http/node-headers.ts';

/**
 * Reads `Content-Range` of a chunk, which the distribution spec writes without a unit.
 * @throws {RegistryError} `chunk.invalid`
 */
export function readContentRange(c: HonoContext<Env>): { first: number; last: number } | undefined {
  const header = requestHeader(c, 'content-range');
  if (header === undefined) return undefined;
  const match = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/.*)?$/.exec(header.trim());
  if (match) return { first: Number(match[1]), last: Number(match[2]) };
  throw new RegistryError('chunk.invalid', `Content-Range ${header} is not like 0-1023.`);
}

/** Checks that a body is as long as its `Content-Range` says. @throws {RegistryError} `chunk.invalid` */
export function checkLength(c: HonoContext<Env>, size: number): void {
  const range = readContentRange(c);
  if (!range || size === 0 || range.last - range.first + 1 === size) return;
  throw new RegistryError(
    'chunk.invalid',
    `Content-Range announces ${range.last - range.first + 1} bytes, but the body has ${size}.`,
  );
}
