import type { Readable } from 'node:stream';
import type { Context as HonoContext } from 'hono';
import type { ByteRange, Digest } from '../../core/blobs/port.ts';
import type { Context } from '../../core/context.ts';
import type { Env } from './env.ts';
import { rangeHead } from './ranges.ts';

/** Headers and extent of a response with bytes of a blob. The extent decides status and length. */
export interface BlobResponse {
  headers: Record<string, string>;
  /** Bytes to send; all by default. */
  range: ByteRange | undefined;
}

/**
 * Sends a stored blob or a range of it. A small one comes from memory, a larger one as a stream from the store.
 * @returns undefined for a blob that no row references
 * @throws {RegistryError} `blob.damaged`, `blob.missing`, `service.busy`
 */
export async function sendBlob(
  c: HonoContext<Env>,
  { registry, blobCache }: Pick<Context, 'registry' | 'blobCache'>,
  { digest, size }: { digest: Digest; size: number },
  { headers: contentHeaders, range }: BlobResponse,
): Promise<Response | undefined> {
  const head = rangeHead(size, range);
  const headers = { ...contentHeaders, ...head.headers };
  if (!blobCache.accepts(size)) {
    const stream = await registry.blobs.open(digest, range, size);
    return stream && (await sendStream(c, stream, head.status, headers));
  }
  const bytes = await blobCache.read(digest, size);
  if (!bytes) return undefined;
  c.env.holdBody?.(bytes);
  return c.body(range ? bytes.subarray(range.first, range.last + 1) : bytes, head.status, headers);
}

/**
 * Sends a stream by Node's own streams, without a web stream in between.
 * @throws the error of a stream that fails before its first bytes, so that the response can tell it
 */
export async function sendStream(
  c: HonoContext<Env>,
  stream: Readable,
  status: 200 | 206,
  headers: Record<string, string>,
): Promise<Response> {
  await waitForBytes(stream);
  if (!c.env.sendStream) throw new Error('only a server can send a stream');
  c.env.sendStream(stream);
  return c.body(null, status, headers);
}

/** Waits for the first bytes of a stream. @throws the error of the stream */
function waitForBytes(stream: Readable): Promise<void> {
  // Keep a later error for the sender of the stream: without a listener it would end the process.
  stream.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    if (stream.errored) reject(stream.errored);
    else stream.once('readable', resolve).once('close', resolve).once('error', reject);
  });
}
