import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BufferedContent, Digest } from './port.ts';

/** Computes the SHA-256 digest of bytes, as OCI writes digests. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${hash('sha256', bytes, 'hex')}`;
}

/** Tells whether text has the form of a digest. Only such text may become part of a path or a key. */
export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** Makes content of bytes in memory. */
export function contentOf(bytes: Buffer): BufferedContent {
  const digest = digestOf(bytes);
  return { digest, computed: digest, size: bytes.length, bytes, open: () => readableOf(bytes) };
}

/** Makes a stream of bytes in memory. `Readable.from` would read an empty buffer as the end of an object stream. */
export function readableOf(bytes: Buffer): Readable {
  return Readable.from(bytes.length > 0 ? [bytes] : [], { objectMode: false });
}
