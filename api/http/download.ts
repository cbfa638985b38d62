import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import { assertStored } from '../../core/registry/examine-blob.ts';
import type { Download } from '../../core/repository/downloads.ts';
import { actorOf } from '../access/route-access.ts';
import { matchesEtag } from './cached-response.ts';
import type { CachedBody, Env } from './env.ts';
import { parseHttpDate } from './http-date.ts';
import { rangeHead, readRange } from './ranges.ts';
import { sendBlob } from './send-blob.ts';
import { linkToStore } from './store-link.ts';

/** Parts of a process that downloads use. */
export type DownloadDeps = Pick<Context, 'registry' | 'downloads' | 'blobCache' | 'pulls'>;

/**
 * Sends a file of a version, whole or in part, or 304. Archives have ranges (RFC 9110 section 14). A store that can
 * sign links sends an archive by a redirect, ranges included.
 * @param find finds the file that the path of the request names, when the space has changed
 * @throws {RegistryError} the errors of `find`; `blob.damaged`, `blob.missing`, `range.notSatisfiable`; those of a refusal
 */
export async function sendDownload(
  c: HonoContext<Env>,
  deps: DownloadDeps,
  space: string,
  find: () => Promise<Download>,
): Promise<Response> {
  const lookUp = () =>
    deps.downloads.read(space, c.req.path, async (state) => ({ ...(await find()), spaceId: state?.id }));
  const file = await lookUp();
  await checkChartRight(c, space, file);
  const { etag, validators, contentHeaders } = fileHeaders(file);
  if (isNotModified(c, etag, file.updatedAt)) {
    if (c.req.method !== 'HEAD') recordPull(deps, space, file);
    return c.body(null, 304, validators);
  }
  c.env.noteDownload?.();
  const redirect = await redirectToStore(c, deps, file);
  if (redirect) {
    if (c.req.method !== 'HEAD') recordPull(deps, space, file);
    return redirect;
  }
  const { kind, size } = file;
  const range = kind === 'archive' ? readRange(c, { size, etag, noun: kind }) : undefined;
  const headers = { ...validators, ...contentHeaders };
  if (c.req.method === 'HEAD') {
    await assertStored(deps.registry, file);
    return c.body(null, 200, { ...headers, ...rangeHead(size, undefined).headers });
  }
  if (deps.blobCache.accepts(size))
    c.env.rememberRead?.(async () => readCachedFile(deps, space, await lookUp()));
  const sent = await sendBlob(c, deps, file, { headers, range });
  if (sent) recordPull(deps, space, file);
  // Without a blob the version was deleted, or has other files, meanwhile.
  return sent ?? sendDownload(c, deps, space, find);
}

/**
 * Checks the right to read the chart of a file, which its name alone does not tell. Tokens may be for some charts: for
 * all other callers the route has checked the space.
 */
async function checkChartRight(c: HonoContext<Env>, space: string, { chart }: Download): Promise<void> {
  const actor = actorOf(c);
  const caller = await actor.caller();
  // The bounds of a token are read with its rights, so the caller alone does not tell them.
  if (caller.kind === 'principal' && caller.tokenId !== undefined)
    await actor.require('chart.read', { space, chart });
}

/** Reads a file for the fast path. @returns undefined for a file that is not in memory */
async function readCachedFile(
  deps: DownloadDeps,
  space: string,
  file: Download,
): Promise<CachedBody | undefined> {
  const { blobCache } = deps;
  if (!blobCache.accepts(file.size)) return undefined;
  const body = await blobCache.read(file.digest, file.size);
  const { etag, validators, contentHeaders } = fileHeaders(file);
  const notePull = () => recordPull(deps, space, file);
  return body && { body, etag, headers: validators, contentHeaders, notePull, spaceId: file.spaceId };
}

/** Notes the download of an archive; a provenance file comes with one. */
function recordPull({ pulls }: DownloadDeps, space: string, { kind, chart, digest }: Download): void {
  if (kind === 'archive') pulls.note(space, chart, digest);
}

/** Makes the headers of a file; `validators` are sent with a 304 too. */
function fileHeaders({ kind, digest, filename, updatedAt }: Download) {
  const etag = `"${digest}"`;
  const validators: Record<string, string> = {
    ETag: etag,
    'Cache-Control': 'no-cache',
    ...(updatedAt ? { 'Last-Modified': updatedAt.toUTCString() } : {}),
  };
  const contentHeaders: Record<string, string> =
    kind === 'provenance'
      ? { 'Content-Type': 'application/pgp-signature' }
      : {
          'Accept-Ranges': 'bytes',
          'Content-Type': archiveType,
          'Content-Disposition': `attachment; filename="${filename}"`,
        };
  return { etag, validators, contentHeaders };
}

const archiveType = 'application/gzip';

/** Redirects to a link that the store has signed, where it can sign links. */
async function redirectToStore(
  c: HonoContext<Env>,
  { registry: { blobs } }: DownloadDeps,
  { kind, digest, filename }: Download,
): Promise<Response | undefined> {
  if (kind !== 'archive') return undefined;
  const location = await linkToStore(c, blobs, digest, { filename, contentType: archiveType });
  // Send no ETag: the store's response has its own.
  return location === undefined
    ? undefined
    : c.body(null, 307, { Location: location, 'Cache-Control': 'no-store' });
}

/**
 * Checks whether the client has the current bytes (RFC 9110 section 13.2.2): by the ETag if it sends one, else by the
 * date, in whole seconds.
 */
function isNotModified(c: HonoContext<Env>, etag: string, updatedAt: Date | undefined): boolean {
  const ifNoneMatch = c.req.header('if-none-match');
  if (ifNoneMatch !== undefined) return matchesEtag(ifNoneMatch, etag);
  if (!updatedAt) return false;
  const since = parseHttpDate(c.req.header('if-modified-since'));
  return Math.floor(updatedAt.getTime() / 1000) * 1000 <= since;
}
