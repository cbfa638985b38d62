import { createHash } from 'node:crypto';
import { isDigest } from '../blobs/content.ts';
import type { Content, Digest } from '../blobs/port.ts';
import { RegistryError } from '../errors.ts';

/** What clients may call content by. The store knows `sha256` alone. */
export type OciDigest = Digest | `sha512:${string}`;

/** Whether text has the form of a digest that is understood here (image spec, "Registered algorithms"). */
export function isOciDigest(text: string): text is OciDigest {
  return isDigest(text) || /^sha512:[0-9a-f]{128}$/.test(text);
}

/** @throws {RegistryError} `digest.invalid` */
export function parseDigest(text: string): OciDigest {
  if (isOciDigest(text)) return text;
  throw new RegistryError(
    'digest.invalid',
    `${JSON.stringify(text.slice(0, 200))} is no digest: expected sha256: with 64, or sha512: with 128 hexadecimal digits in lower case.`,
  );
}

/** The digest of bytes by the algorithm of another. */
export function digestLike(like: OciDigest, bytes: Uint8Array): OciDigest {
  const algorithm = algorithmOf(like);
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/** Reads content once, and gives what both algorithms call it. */
export async function hashContent(
  content: Pick<Content, 'open'>,
): Promise<Record<'sha256' | 'sha512', string>> {
  const hashes = { sha256: createHash('sha256'), sha512: createHash('sha512') };
  for await (const chunk of content.open()) {
    hashes.sha256.update(chunk);
    hashes.sha512.update(chunk);
  }
  return {
    sha256: `sha256:${hashes.sha256.digest('hex')}`,
    sha512: `sha512:${hashes.sha512.digest('hex')}`,
  };
}

export function algorithmOf(digest: OciDigest): 'sha256' | 'sha512' {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

export function digestMismatch(claimed: OciDigest): RegistryError {
  return new RegistryError('digest.mismatch', `What was sent is not ${claimed}. Nothing of it is kept.`, {
    digest: claimed,
  });
}
