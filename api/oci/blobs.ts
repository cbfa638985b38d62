import type { Readable } from 'node:stream';
import type { Context as HonoContext } from 'hono';
import { readableOf } from '../../core/blobs/content.ts';
import type { ByteRange } from '../../core/blobs/port.ts';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { blobNotFound, deleteBlob, findBlob, type RepositoryBlob } from '../../core/oci/blobs.ts';
import { parseDigest } from '../../core/oci/digest.ts';
import { assertKeptWhole, isKeptWhole } from '../../core/oci/kept-content.ts';
import { isStoredWhole } from '../../core/registry/blob-faults.ts';
import type { RegistryDeps } from '../../core/registry/registry.ts';
import { isKnown } from '../http/cached-response.ts';
import { readRangeHeader } from '../http/conditions.ts';
import type { Env } from '../http/env.ts';
import { webStreamOf } from '../http/web-stream.ts';
import type { OciInput, OciRoute } from './route.ts';

const contentType = 'application/octet-stream';

/** Routes that read and delete blobs by digest (distribution spec 1.1, "Pulling blobs" and "Deleting Blobs"). */
export function blobRoutes({ registry }: Context): OciRoute[] {
  return [
    { method: 'GET', kind: 'blob', handle: (c, input) => sendBlob(c, registry, input) },
    {
      method: 'DELETE',
      kind: 'blob',
      async handle(c, { repository, identifier }) {
        await deleteBlob(registry, repository, parseDigest(identifier));
        return c.body(null, 202, { 'Content-Length': '0' });
      },
    },
  ];
}

async function sendBlob(
  c: HonoContext<Env>,
  registry: RegistryDeps,
  { repository, identifier }: OciInput,
): Promise<Response> {
  const digest = parseDigest(identifier);
  const blob = await findBlob(registry.db, repository, digest);
  const validators = { 'Docker-Content-Digest': digest, ETag: `"${digest}"` };
  const isNotModified = isKnown(c.req.header('if-none-match'), validators.ETag);
  if (isNotModified && c.req.method !== 'HEAD') return c.body(null, 304, validators);
  if (c.req.method !== 'HEAD' && blob.blob && registry.blobs.link && c.req.header('if-range') === undefined) {
    const location = await registry.blobs.link(blob.blob, {
      filename: digest.replace(':', '-'),
      contentType,
    });
    return c.body(null, 307, { ...validators, Location: location, 'Cache-Control': 'no-store' });
  }
  const range = readBlobRange(c, blob.size, validators.ETag);
  const headers = {
    ...validators,
    'Accept-Ranges': 'bytes',
    // The content of a digest never changes.
    'Cache-Control': 'max-age=31536000',
    'Content-Type': contentType,
    'Content-Length': String(range ? range.last - range.first + 1 : blob.size),
    ...(range ? { 'Content-Range': `bytes ${range.first}-${range.last}/${blob.size}` } : {}),
  };
  const status = range ? 206 : 200;
  if (c.req.method === 'HEAD') {
    // Clients probe with HEAD before a push: a 404 for a damaged blob makes them upload, which repairs it.
    const isWhole = blob.blob
      ? await isStoredWhole(registry, { digest: blob.blob, size: blob.size })
      : blob.content !== null && isKeptWhole(digest, blob.content);
    if (!isWhole) throw blobNotFound(repository, digest);
    return isNotModified ? c.body(null, 304, validators) : c.body(null, status, headers);
  }
  if (blob.content) assertKeptWhole(digest, blob.content);
  const bytes = await openBlob(registry, blob, range);
  if (!bytes) throw blobNotFound(repository, digest);
  return c.body(webStreamOf(bytes), status, headers);
}

async function openBlob(
  { blobs }: RegistryDeps,
  { blob, content, size }: RepositoryBlob,
  range: ByteRange | undefined,
): Promise<Readable | undefined> {
  if (content) return readableOf(range ? content.subarray(range.first, range.last + 1) : content);
  return blob ? blobs.open(blob, range, size) : undefined;
}

/**
 * Reads the range to send. Several ranges or other units get the whole blob (RFC 9110 section 14.2); a range that
 * ends before it begins is refused, as the distribution spec's conformance program demands.
 */
function readBlobRange(c: HonoContext<Env>, size: number, etag: string): ByteRange | undefined {
  const requested = readRangeHeader(c, etag);
  if (!requested) return undefined;
  const { from, to } = requested;
  const first = from === '' ? Math.max(size - Number(to), 0) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first <= last && first < size) return { first, last };
  c.header('Content-Range', `bytes */${size}`);
  throw new RegistryError('range.notSatisfiable', `The blob has ${size} bytes.`);
}
