import type { Readable } from 'node:stream';
import { readableOf } from '../blobs/content.ts';

/** Returns the buffer over bytes that came as a message, without a copy. */
export function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Returns a stream of bytes that came as a message. */
export function streamOfBytes(bytes: Uint8Array): Readable {
  return readableOf(bufferOf(bytes));
}
