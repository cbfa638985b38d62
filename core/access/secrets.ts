import { createHash, randomBytes } from 'node:crypto';

/** Makes a secret of 256 random bits, as 43 characters of base64url. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether a text has the form of a secret. */
export function isSecret(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

/** Hashes a secret for the database. It has 256 random bits, so a fast hash is enough. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Hashes a text of a client to sixteen bits, which tell nobody the text. */
export function hashTo16Bits(text: string): number {
  return createHash('sha256').update(text).digest().readUInt16BE();
}
