import { isDigest } from '../content.ts';
import type { Digest } from '../port.ts';

/** Prefix of all keys of blobs. */
export const keyPrefix = 'sha256/';

/** Returns the key of a digest, `sha256/ab/<hex>` as on the filesystem. @throws for text that is not a digest */
export function objectKey(digest: Digest): string {
  if (!isDigest(digest)) throw new Error(`not a digest: ${digest}`);
  const hex = digest.slice('sha256:'.length);
  return `${keyPrefix}${hex.slice(0, 2)}/${hex}`;
}

/** Returns the digest of a key; undefined for a key of anything but a blob. */
export function digestOfKey(key: string): Digest | undefined {
  const digest = `sha256:${key.slice(key.lastIndexOf('/') + 1)}`;
  return isDigest(digest) && objectKey(digest) === key ? digest : undefined;
}
