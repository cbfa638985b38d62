import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import { type BlobRef, blobNotFoundError, deleteBlob, type RepositoryBlob } from '../../core/oci/blobs.ts';
import { type OciDigest, parseDigest } from '../../core/oci/digest.ts';
import { assertKeptWhole, isKeptWhole } from '../../core/oci/kept-content.ts';
import { isStoredWhole } from '../../core/registry/blob-faults.ts';
import { withActor } from '../access/route-access.ts';
import { matchesEtag } from '../http/cached-response.ts';
import type { CachedBody, Env } from '../http/env.ts';
import { requestHeader } from '../http/node-headers.ts';
import { rangeHead, readRange } from '../http/ranges.ts';
import { type BlobResponse, sendBlob as sendStoredBlob } from '../http/send-blob.ts';
import { linkToStore } from '../http/store-link.ts';
import { type OciInput, type OciRoute, versionHeader } from './route.ts';

const contentType = 'application/octet-stream';

/** Headers of a blob; `validators` are sent with a 304 too. */
function blobHeaders(digest: OciDigest) {
  const validators = { 'Docker-Content-Digest': digest, ETag: `"${digest}"` };
  const contentHeaders = {
    'Accept-Ranges': 'bytes',
    // The content of a digest never changes, but its space may become private: shared caches ask again after an hour.
    'Cache-Control': 'max-age=3600',
    'Content-Type': contentType,
  };
  return { validators, contentHeaders };
}

/**
 * Routes that read and delete blobs by digest. The distribution spec 1.1 calls it "Pulling blobs" and "Deleting
 * Blobs".
 */
export function blobRoutes(context: Context): OciRoute[] {
  return [
    {
      method: 'GET',
      kind: 'blob',
      access: { right: 'chart.read' },
      handle: (c, input) => sendBlob(c, context, input),
    },
    {
      method: 'DELETE',
      kind: 'blob',
      access: { right: 'chart.delete' },
      async handle(c, { repository, identifier }) {
        await deleteBlob(withActor(c, context.registry), repository, parseDigest(identifier));
        return c.body(null, 202, { 'Content-Length': '0' });
      },
    },
  ];
}

async function sendBlob(
  c: HonoContext<Env>,
  context: Context,
  { repository, identifier }: OciInput,
): Promise<Response> {
  const ref = { repository, digest: parseDigest(identifier) };
  const blob = await context.oci.findBlob(ref);
  const { validators, contentHeaders } = blobHeaders(ref.digest);
  const isHead = c.req.method === 'HEAD';
  const isNotModified = matchesEtag(requestHeader(c, 'if-none-match'), validators.ETag);
  const notePull = () => context.pulls.note(repository.space, repository.name, ref.digest);
  if (isNotModified && !isHead) {
    notePull();
    return c.body(null, 304, validators);
  }
  c.env.noteDownload?.();
  const redirect = await redirectToStore(c, context, ref.digest, blob);
  if (redirect) {
    if (!isHead) notePull();
    return redirect;
  }
  const range = readRange(c, { size: blob.size, etag: validators.ETag, noun: 'blob' });
  const headers = { ...validators, ...contentHeaders };
  if (isHead) {
    await assertWhole(context, ref, blob);
    if (isNotModified) return c.body(null, 304, validators);
    return c.body(null, 200, { ...headers, ...rangeHead(blob.size, undefined).headers });
  }
  if (context.blobCache.accepts(blob.size)) c.env.rememberRead?.(() => readCachedBlob(context, ref));
  const sent = await sendBytes(c, context, ref.digest, blob, { headers, range });
  if (!sent) throw blobNotFoundError(repository, ref.digest);
  notePull();
  return sent;
}

/** Redirects to a link that the store has signed, where it can sign links. */
async function redirectToStore(
  c: HonoContext<Env>,
  { registry: { blobs } }: Context,
  digest: OciDigest,
  { blob }: RepositoryBlob,
): Promise<Response | undefined> {
  if (!blob) return undefined;
  const location = await linkToStore(c, blobs, blob, { filename: digest.replace(':', '-'), contentType });
  if (location === undefined) return undefined;
  const { validators } = blobHeaders(digest);
  return c.body(null, 307, { ...validators, Location: location, 'Cache-Control': 'no-store' });
}

/**
 * Checks that a blob can be served. Clients probe with HEAD before a push: a 404 for a damaged blob makes them upload,
 * which repairs it.
 */
async function assertWhole(
  { registry }: Context,
  { repository, digest }: BlobRef,
  { blob, size, content }: RepositoryBlob,
): Promise<void> {
  const isWhole = blob
    ? await isStoredWhole(registry, { digest: blob, size })
    : content !== null && isKeptWhole(digest, content);
  if (!isWhole) throw blobNotFoundError(repository, digest);
}

async function sendBytes(
  c: HonoContext<Env>,
  context: Context,
  digest: OciDigest,
  { blob, content, size }: RepositoryBlob,
  response: BlobResponse,
): Promise<Response | undefined> {
  if (!content) return blob ? sendStoredBlob(c, context, { digest: blob, size }, response) : undefined;
  assertKeptWhole(digest, content);
  const { range, headers } = response;
  const head = rangeHead(size, range);
  const bytes = range ? content.subarray(range.first, range.last + 1) : content;
  return c.body(new Uint8Array(bytes), head.status, { ...headers, ...head.headers });
}

/** Reads a blob for the fast path. @returns undefined for a blob that is not in memory */
async function readCachedBlob(context: Context, ref: BlobRef): Promise<CachedBody | undefined> {
  const { blob, size, content, spaceId } = await context.oci.findBlob(ref);
  if (content) assertKeptWhole(ref.digest, content);
  const bytes = content ? new Uint8Array(content) : blob && (await context.blobCache.read(blob, size));
  if (!bytes) return undefined;
  const { validators, contentHeaders } = blobHeaders(ref.digest);
  const { space, name } = ref.repository;
  return {
    ...{ body: bytes, etag: validators.ETag, headers: { ...versionHeader, ...validators }, contentHeaders },
    notePull: () => context.pulls.note(space, name, ref.digest),
    spaceId,
  };
}
