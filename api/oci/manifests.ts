import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import { isRegistryError } from '../../core/errors.ts';
import { deleteManifest } from '../../core/oci/delete-manifest.ts';
import { maxManifestBytes } from '../../core/oci/manifest.ts';
import { assertBlobsStored } from '../../core/oci/manifest-blobs.ts';
import type { RepositoryRef } from '../../core/oci/names.ts';
import { putManifest } from '../../core/oci/put-manifest.ts';
import { type ManifestReference, manifestNotFound, parseReference } from '../../core/oci/read-manifest.ts';
import { withActor } from '../access/route-access.ts';
import { readBodyBytes } from '../http/body.ts';
import { computeCachedReply, sendCached } from '../http/cached-response.ts';
import type { CachedBody, Env } from '../http/env.ts';
import { requestHeader, sendEmpty } from '../http/node-headers.ts';
import { warningHeader } from '../http/warning-header.ts';
import { type OciInput, type OciRoute, versionHeader } from './route.ts';

/**
 * Routes that read, put and delete manifests by digest or tag. The distribution spec 1.1 has them under "Pulling
 * manifests", "Pushing Manifests" and "Deleting Manifests".
 */
export function manifestRoutes({ oci, pulls }: Context): OciRoute[] {
  async function read(
    repository: RepositoryRef,
    reference: ManifestReference,
  ): Promise<CachedBody & { etag: string }> {
    const found = await oci.findManifest({ repository, reference });
    const { digest, mediaType, content, spaceId, isUnversioned } = found;
    const etag = `"${digest}"`;
    const headers = { 'Docker-Content-Digest': digest, ETag: etag, 'Cache-Control': 'no-cache' };
    return {
      body: new Uint8Array(content),
      etag,
      contentHeaders: { 'Content-Type': mediaType },
      headers: { ...versionHeader, ...headers },
      // A client that pushes a chart reads its manifest before it puts the tag.
      notePull: isUnversioned ? undefined : () => pulls.note(repository.space, repository.name, digest),
      spaceId,
    };
  }

  async function send(c: HonoContext<Env>, { repository, identifier }: OciInput): Promise<Response> {
    const reference = parseReference(identifier);
    if (c.req.method !== 'HEAD') return sendCached(c, () => read(repository, reference));
    // Clients probe a digest with HEAD before a push, and upload neither the manifest nor its blobs if it exists. So
    // a damaged one is answered 404: the upload repairs it.
    const isExistenceCheck = 'digest' in reference;
    const found = await read(repository, reference).catch((error: unknown) => {
      throw isExistenceCheck && isRegistryError(error, 'blob.damaged')
        ? manifestNotFound(repository, reference)
        : error;
    });
    if (isExistenceCheck) await assertBlobsStored(oci, repository, reference);
    const { status, headers } = computeCachedReply(found, found.etag, requestHeader(c, 'if-none-match'));
    return c.body(null, status, headers);
  }

  async function put(c: HonoContext<Env>, { repository, identifier }: OciInput): Promise<Response> {
    const reference = parseReference(identifier);
    const content = await readBodyBytes(c, maxManifestBytes);
    // Only a manifest that is put by its digest may have several tags in one request.
    const target =
      'digest' in reference
        ? { digest: reference.digest, tags: [...new Set(c.req.queries('tag') ?? [])] }
        : { digest: undefined, tags: [reference.tag] };
    const { digest, subject, warning } = await putManifest(
      withActor(c, oci),
      repository,
      target,
      content,
      c.req.header('content-type'),
    );
    return sendEmpty(c, 201, {
      Location: `/v2/${repository.full}/manifests/${digest}`,
      'Docker-Content-Digest': digest,
      'Content-Length': '0',
      ...(target.digest !== undefined && target.tags.length > 0 ? { 'OCI-Tag': target.tags.join(', ') } : {}),
      ...(subject ? { 'OCI-Subject': subject } : {}),
      ...warningHeader(warning === undefined ? [] : [warning]),
    });
  }

  return [
    { method: 'GET', kind: 'manifest', access: { right: 'chart.read' }, handle: send },
    { method: 'PUT', kind: 'manifest', access: { right: 'chart.publish' }, handle: put },
    {
      method: 'DELETE',
      kind: 'manifest',
      access: { right: 'chart.delete' },
      async handle(c, { repository, identifier }) {
        await deleteManifest(withActor(c, oci), repository, parseReference(identifier));
        return c.body(null, 202, { 'Content-Length': '0' });
      },
    },
  ];
}
