import { createHash } from 'node:crypto';
import type { Content } from './port.ts';

/**
 * The bytes of content, checked as they pass against what it says of itself; a store that names blobs by their digest
 * must not believe it.
 * @throws once the last byte has passed, or one too many, when digest or size differ
 */
export async function* verifying(content: Content): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of content.open()) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    hash.update(bytes);
    size += bytes.length;
    if (size > content.size) break;
    yield bytes;
  }
  if (size !== content.size || `sha256:${hash.digest('hex')}` !== content.digest) {
    throw new Error(`content for ${content.digest} (${content.size} bytes) turned out to be something else`);
  }
}

/**
 * The same, with the last bytes held back until all of it has been checked: whoever waits for `content.size` bytes never
 * gets them of content that is not what it says.
 */
export async function* verifyingAhead(content: Content): AsyncGenerator<Buffer> {
  let held: Buffer | undefined;
  for await (const chunk of verifying(content)) {
    if (chunk.length === 0) continue;
    if (held) yield held;
    held = chunk;
  }
  if (held) yield held;
}
