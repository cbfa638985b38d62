import type { Context as HonoContext } from 'hono';
import { archiveName } from '../../core/archive/archive-name.ts';
import type { ByteRange } from '../../core/blobs/port.ts';
import { RegistryError } from '../../core/errors.ts';
import { assertStored } from '../../core/registry/examine-blob.ts';
import { findProvenance } from '../../core/registry/provenance.ts';
import type { RegistryDeps, VersionRef } from '../../core/registry/registry.ts';
import { findArchive, type StoredArchive } from '../../core/registry/versions.ts';
import { isKnown } from './cached-response.ts';
import { parseHttpDate, readRangeHeader } from './conditions.ts';
import type { Env } from './env.ts';
import { webStreamOf } from './web-stream.ts';

/**
 * Sends an archive: whole, one range (RFC 9110 section 14), or 304. A store that can sign links sends it by a
 * redirect, ranges included.
 */
export async function sendArchive(
  c: HonoContext<Env>,
  registry: RegistryDeps,
  ref: VersionRef,
  archive: StoredArchive,
): Promise<Response> {
  const etag = `"${archive.digest}"`;
  const validators = {
    ETag: etag,
    'Cache-Control': 'no-cache',
    'Last-Modified': archive.updatedAt.toUTCString(),
  };
  if (isNotModified(c, etag, archive.updatedAt)) return c.body(null, 304, validators);
  const file = { filename: archiveName(ref.chart, ref.version), contentType: 'application/gzip' };
  // No redirect with If-Range: some stores ignore it and none knows this ETag, so the client could join parts of two
  // archives.
  const mayRedirect = c.req.method !== 'HEAD' && c.req.header('if-range') === undefined;
  if (mayRedirect && registry.blobs.link) {
    // Send no ETag: the store's response has its own.
    const location = await registry.blobs.link(archive.digest, file);
    return c.body(null, 307, { Location: location, 'Cache-Control': 'no-store' });
  }
  const range = readArchiveRange(c, archive, etag);
  if (c.req.method === 'HEAD') await assertStored(registry, archive);
  const bytes =
    c.req.method === 'HEAD' ? undefined : await registry.blobs.open(archive.digest, range, archive.size);
  // The version was deleted or replaced meanwhile.
  if (!bytes && c.req.method !== 'HEAD')
    return sendArchive(c, registry, ref, await findArchive(registry, ref));
  const status = range ? 206 : 200;
  const headers = {
    ...validators,
    'Accept-Ranges': 'bytes',
    'Content-Type': file.contentType,
    'Content-Disposition': `attachment; filename="${file.filename}"`,
    'Content-Length': String(range ? range.last - range.first + 1 : archive.size),
    ...(range ? { 'Content-Range': `bytes ${range.first}-${range.last}/${archive.size}` } : {}),
  };
  return bytes ? c.body(webStreamOf(bytes), status, headers) : c.body(null, status, headers);
}

/**
 * Checks whether the client has the current bytes (RFC 9110 section 13.2.2): by the ETag if it sends one, else by the
 * date, in whole seconds.
 */
function isNotModified(c: HonoContext<Env>, etag: string, updatedAt: Date): boolean {
  const ifNoneMatch = c.req.header('if-none-match');
  if (ifNoneMatch !== undefined) return isKnown(ifNoneMatch, etag);
  const since = parseHttpDate(c.req.header('if-modified-since'));
  return Math.floor(updatedAt.getTime() / 1000) * 1000 <= since;
}

/** Sends the provenance file of a version. */
export async function sendProvenance(
  c: HonoContext<Env>,
  registry: RegistryDeps,
  ref: VersionRef,
): Promise<Response> {
  const provenance = await findProvenance(registry, ref);
  const { digest, size } = provenance;
  const validators = { ETag: `"${digest}"`, 'Cache-Control': 'no-cache' };
  if (isKnown(c.req.header('if-none-match'), validators.ETag)) return c.body(null, 304, validators);
  const headers = {
    ...validators,
    'Content-Type': 'application/pgp-signature',
    'Content-Length': String(size),
  };
  if (c.req.method === 'HEAD') {
    await assertStored(registry, provenance);
    return c.body(null, 200, headers);
  }
  const bytes = await registry.blobs.open(digest, undefined, size);
  // The version was deleted, or its provenance file replaced, meanwhile.
  if (!bytes) return sendProvenance(c, registry, ref);
  return c.body(webStreamOf(bytes), 200, headers);
}

// Reads the range to send. Several ranges, other units and malformed ones are answered with the whole archive, as RFC
// 9110 section 14.2 allows.
function readArchiveRange(c: HonoContext<Env>, { size }: StoredArchive, etag: string): ByteRange | undefined {
  const requested = readRangeHeader(c, etag);
  if (!requested) return undefined;
  const { from, to } = requested;
  const first = from === '' ? Math.max(size - Number(to), 0) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < first) return undefined;
  if (first < size && (from !== '' || Number(to) > 0)) return { first, last };
  c.header('Content-Range', `bytes */${size}`);
  throw new RegistryError('range.notSatisfiable', `The archive has ${size} bytes.`);
}
