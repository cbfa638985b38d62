import { isDigest } from '../content.ts';
import type { Digest } from '../port.ts';

/** What all keys begin with. */
export const keyPrefix = 'sha256/';

/** `sha256/ab/<hex>`, as the filesystem has it. @throws for text that is no digest */
export function keyOf(digest: Digest): string {
  if (!isDigest(digest)) throw new Error(`not a digest: ${digest}`);
  const hex = digest.slice('sha256:'.length);
  return `${keyPrefix}${hex.slice(0, 2)}/${hex}`;
}

/** The digest that a key stands for, or undefined when the key is none of ours. */
export function digestOfKey(key: string): Digest | undefined {
  const digest = `sha256:${key.slice(key.lastIndexOf('/') + 1)}`;
  return isDigest(digest) && keyOf(digest) === key ? digest : undefined;
}
