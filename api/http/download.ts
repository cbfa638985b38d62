import { Readable } from 'node:stream';
import type { Context as HonoContext } from 'hono';
import type { ByteRange } from '../../core/blobs/port.ts';
import { archiveName } from '../../core/chart/archive-name.ts';
import { RegistryError } from '../../core/errors.ts';
import { nameOf } from '../../core/registry/names.ts';
import { findProvenance } from '../../core/registry/provenance.ts';
import type { Registry, VersionRef } from '../../core/registry/registry.ts';
import type { StoredArchive } from '../../core/registry/versions.ts';
import { isKnown } from './answers.ts';
import type { Env } from './mount.ts';

/**
 * Sends an archive, byte for byte as it was stored: whole, in part (RFC 9110 section 14), or not at all (304). A store
 * that gives links sends it itself, parts included.
 */
export async function sendArchive(
  c: HonoContext<Env>,
  registry: Registry,
  ref: VersionRef,
  archive: StoredArchive,
): Promise<Response> {
  const etag = `"${archive.digest}"`;
  const known = { ETag: etag, 'Cache-Control': 'no-cache' };
  if (isKnown(c.req.header('if-none-match'), etag)) return c.body(null, 304, known);
  const as = { filename: archiveName(ref.chart, ref.version), contentType: 'application/gzip' };
  // Not every store heeds If-Range, and none knows our ETag: what is left of another archive must not end up behind a part
  // of this one.
  const mayRedirect = c.req.method !== 'HEAD' && c.req.header('if-range') === undefined;
  if (mayRedirect && registry.blobs.link) {
    // The answer there has the store's own ETag, so ours would be the validator of nothing the client gets to see.
    const location = await registry.blobs.link(archive.digest, as);
    return c.body(null, 307, { Location: location, 'Cache-Control': 'no-store' });
  }
  const range = readRange(c, archive, etag);
  const bytes = c.req.method === 'HEAD' ? undefined : await registry.blobs.open(archive.digest, range);
  if (!bytes && c.req.method !== 'HEAD') {
    throw new Error(`the bytes of ${nameOf(ref)} are missing`);
  }
  const status = range ? 206 : 200;
  const headers = {
    ...known,
    'Accept-Ranges': 'bytes',
    'Content-Type': as.contentType,
    'Content-Disposition': `attachment; filename="${as.filename}"`,
    'Content-Length': String(range ? range.last - range.first + 1 : archive.size),
    'Last-Modified': archive.updatedAt.toUTCString(),
    ...(range ? { 'Content-Range': `bytes ${range.first}-${range.last}/${archive.size}` } : {}),
  };
  return bytes ? c.body(Readable.toWeb(bytes), status, headers) : c.body(null, status, headers);
}

/** Sends the provenance file of a version, as it was stored. */
export async function sendProvenance(
  c: HonoContext<Env>,
  registry: Registry,
  ref: VersionRef,
): Promise<Response> {
  const { digest, size } = await findProvenance(registry, ref);
  const known = { ETag: `"${digest}"`, 'Cache-Control': 'no-cache' };
  if (isKnown(c.req.header('if-none-match'), known.ETag)) return c.body(null, 304, known);
  const headers = { ...known, 'Content-Type': 'application/pgp-signature', 'Content-Length': String(size) };
  if (c.req.method === 'HEAD') return c.body(null, 200, headers);
  const bytes = await registry.blobs.open(digest);
  if (!bytes) throw new Error(`the bytes of the provenance file ${digest} are missing`);
  return c.body(Readable.toWeb(bytes), 200, headers);
}

// One range is served; several, a unit that is not bytes, or nonsense are answered whole, as section 14.2 allows.
function readRange(c: HonoContext<Env>, { size }: StoredArchive, etag: string): ByteRange | undefined {
  const header = c.req.header('range');
  const ifRange = c.req.header('if-range');
  if (header === undefined || (ifRange !== undefined && ifRange !== etag)) return undefined;
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header.replaceAll(' ', ''));
  if (!parts || (parts[1] === '' && parts[2] === '')) return undefined;
  const [, from = '', to = ''] = parts;
  const first = from === '' ? Math.max(size - Number(to), 0) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < first) return undefined;
  if (first < size && (from !== '' || Number(to) > 0)) return { first, last };
  c.header('Content-Range', `bytes */${size}`);
  throw new RegistryError('range.notSatisfiable', `The archive has ${size} bytes.`);
}
