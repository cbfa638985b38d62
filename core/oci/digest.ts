import { createHash } from 'node:crypto';
import { isDigest } from '../blobs/content.ts';
import type { Content, Digest } from '../blobs/port.ts';
import { RegistryError } from '../errors.ts';

/** A digest that OCI clients may use. The store uses `sha256` alone. */
export type OciDigest = Digest | `sha512:${string}`;

/** Whether a text is a digest of a supported algorithm (image spec, "Registered algorithms"). */
export function isOciDigest(text: string): text is OciDigest {
  return isDigest(text) || /^sha512:[0-9a-f]{128}$/.test(text);
}

/** Parses a digest. @throws {RegistryError} `digest.invalid` */
export function parseDigest(text: string): OciDigest {
  if (isOciDigest(text)) return text;
  throw new RegistryError(
    'digest.invalid',
    `${JSON.stringify(text.slice(0, 200))} is not a digest: expected sha256: with 64, or sha512: with 128 hexadecimal digits in lower case.`,
  );
}

/** Computes the digest of bytes by the algorithm of another digest. */
export function digestBySameAlgorithm(like: OciDigest, bytes: Uint8Array): OciDigest {
  const algorithm = algorithmOf(like);
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/** Reads content once and computes both digests. */
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

/** Algorithm of a digest. */
export function algorithmOf(digest: OciDigest): 'sha256' | 'sha512' {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** Makes the error for content that does not match the client's digest. */
export function digestMismatchError(claimed: OciDigest): RegistryError {
  return new RegistryError(
    'digest.mismatch',
    `The digest of the sent bytes is not ${claimed}. Nothing was stored.`,
    {
      digest: claimed,
    },
  );
}
