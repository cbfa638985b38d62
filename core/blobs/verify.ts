import { createHash } from 'node:crypto';
import type { Content } from './port.ts';

/**
 * Yields content and checks its digest and size as the bytes pass. A store that addresses blobs by digest must
 * not trust the caller.
 * @throws after the last byte, or one too many, when digest or size differ
 */
export async function* streamVerified(content: Content): AsyncGenerator<Buffer> {
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
    throw new Error(
      `content for ${content.digest} (${content.size} bytes) does not match its digest or size`,
    );
  }
}

/**
 * Yields content like {@link streamVerified}, but holds back the last chunk. The last chunk comes once all of the
 * content has been checked. A receiver that waits for `content.size` bytes therefore never gets mismatching content in
 * full.
 */
export async function* streamWithholdingLastChunk(content: Content): AsyncGenerator<Buffer> {
  let pending: Buffer | undefined;
  for await (const chunk of streamVerified(content)) {
    if (chunk.length === 0) continue;
    if (pending) yield pending;
    pending = chunk;
  }
  if (pending) yield pending;
}
