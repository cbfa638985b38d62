import { randomBytes } from 'node:crypto';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { createConcurrencyLimiter } from '../runtime/concurrency.ts';

/** Cost of an Argon2id hash: memory in KiB, passes, lanes. The least that OWASP recommends for a server. */
const argon2Cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Prefix of every stored hash; `Algorithm.Argon2id` is an enum of types alone. */
const argon2idPrefix = '$argon2id$';

/** Largest password in bytes: the work of hashing must not grow with what a stranger sends. */
export const maxPasswordBytes = 1024;

/** Whether a text is short enough to be a password, and not empty. */
export function isPasswordSized(password: string): boolean {
  return password !== '' && Buffer.byteLength(password) <= maxPasswordBytes;
}

/** Bounds the memory and threads of a process that new passwords need; comparing has bounds of its own. */
const hashLimiter = createConcurrencyLimiter(1);

/** Hashes a new password, one at a time in a process. @throws {RangeError} for one that `assertNewPassword` refuses by its size */
export async function hashPassword(password: string): Promise<string> {
  if (!isPasswordSized(password)) throw new RangeError('not the size of a password');
  return hashLimiter.run(() => hash(normalizePassword(password), argon2Cost));
}

/**
 * Compares a password with a stored hash.
 * @param stored undefined for a user that is unknown or has no password: the same work is done, for nothing
 */
export async function verifyPassword(stored: string | undefined, password: string): Promise<boolean> {
  const isRight = await verify(stored ?? dummyPasswordHash, normalizePassword(password));
  return isRight && stored !== undefined;
}

/** Whether a stored hash was made at another cost than that of new ones. */
export function isOutdatedHash(stored: string): boolean {
  const { memoryCost, timeCost, parallelism } = parseOptions(stored);
  return (
    !stored.startsWith(argon2idPrefix) ||
    memoryCost !== argon2Cost.memoryCost ||
    timeCost !== argon2Cost.timeCost ||
    parallelism !== argon2Cost.parallelism
  );
}

/**
 * Normalizes a password as RFC 8265 does (OpaqueString): keyboards write the same letters and spaces in several ways.
 * Upper case stays.
 */
function normalizePassword(password: string): string {
  return password.replaceAll(/\p{Zs}/gu, ' ').normalize('NFC');
}

/** Well-formed hash that belongs to no password, at the cost of new ones. */
const dummyPasswordHash = `${argon2idPrefix}v=19$m=${argon2Cost.memoryCost},t=${argon2Cost.timeCost},p=${argon2Cost.parallelism}$${randomBase64(16)}$${randomBase64(32)}`;

function randomBase64(bytes: number): string {
  return randomBytes(bytes).toString('base64').replaceAll('=', '');
}
