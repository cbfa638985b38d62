import type { Context as HonoContext } from 'hono';
import type { Content } from '../../core/blobs/port.ts';
import { maxInMemoryBytes, uploadTooLargeError } from '../../core/blobs/receive.ts';
import type { Context } from '../../core/context.ts';
import { appendChunk } from '../../core/oci/append-chunk.ts';
import { isOciDigest, type OciDigest, parseDigest } from '../../core/oci/digest.ts';
import { finishUpload } from '../../core/oci/finish-upload.ts';
import { mountBlob } from '../../core/oci/mount-blob.ts';
import { parseRepository, type RepositoryRef } from '../../core/oci/names.ts';
import { checkMayPush } from '../../core/oci/prepare-push.ts';
import { finishWithoutRow, storeWholeBlob } from '../../core/oci/store-whole-blob.ts';
import {
  cancelUpload,
  checkOffset,
  findIssuedKey,
  findUpload,
  keepUploadAlive,
  startUpload,
  type Upload,
} from '../../core/oci/uploads.ts';
import { withActor } from '../access/route-access.ts';
import type { Env } from '../http/env.ts';
import { requestHeader, sendEmpty } from '../http/node-headers.ts';
import { withReceivedBody } from '../http/received-body.ts';
import { checkLength, readContentRange } from './content-range.ts';
import type { OciInput, OciRoute } from './route.ts';

/**
 * Routes that upload blobs: whole, in chunks, or by a mount. The distribution spec 1.1 has them under "Pushing
 * blobs".
 */
export function uploadRoutes(context: Context): OciRoute[] {
  return [...writeRoutes(context), ...sessionRoutes(context)];
}

function writeRoutes({ oci, config, uploadFolder }: Context): OciRoute[] {
  const receive = <T>(c: HonoContext<Env>, before: number, use: Parameters<typeof withReceivedBody<T>>[3]) =>
    withReceivedBody(c, Math.max(0, config.limitBlob - before), uploadFolder, use);

  async function start(c: HonoContext<Env>, { repository }: OciInput): Promise<Response> {
    const { mount, from, digest } = c.req.query();
    if (mount !== undefined && isOciDigest(mount)) {
      const source = from ? parseRepository(from) : undefined;
      if (await mountBlob(withActor(c, oci), repository, mount, source))
        return sendCreated(c, repository, mount);
    } else if (digest !== undefined && digest !== '') {
      const wanted = parseDigest(digest);
      await checkMayPush(withActor(c, oci), repository);
      await receive(c, 0, (body) => storeWholeBlob(withActor(c, oci), repository, body, wanted));
      return sendCreated(c, repository, wanted);
    }
    const id = await startUpload(withActor(c, oci), repository);
    return sendProgress(c, { id, repository }, 0);
  }

  async function append(c: HonoContext<Env>, input: OciInput): Promise<Response> {
    const upload = await findForChunk(c, input);
    const size = await keepUploadAlive(oci, upload, () =>
      receive(c, upload.size, (chunk) => {
        checkLength(c, chunk.size);
        return appendChunk(oci, upload, chunk);
      }),
    );
    return sendProgress(c, upload, size);
  }

  async function finish(c: HonoContext<Env>, input: OciInput): Promise<Response> {
    const digest = parseDigest(c.req.query('digest') ?? '');
    const { repository, identifier } = input;
    const key = isSmallAndWhole(c)
      ? await findIssuedKey(withActor(c, oci), repository, identifier)
      : undefined;
    if (key === undefined) {
      const upload = await findForChunk(c, input);
      await finishFound(c, upload, digest, (use) => receive(c, upload.size, use));
      return sendCreated(c, repository, digest);
    }
    await receive(c, 0, async (content) => {
      // A slow body may end after its session.
      const isOpen = (await findIssuedKey(withActor(c, oci), repository, identifier)) !== undefined;
      if (isOpen && (await finishWithoutRow(withActor(c, oci), repository, key, content, digest))) return;
      const upload = await findForChunk(c, input);
      const limit = Math.max(0, config.limitBlob - upload.size);
      if (content.size > limit) throw uploadTooLargeError(limit);
      await finishFound(c, upload, digest, (use) => use(content));
    });
    return sendCreated(c, repository, digest);
  }

  /** Finishes an upload session that was found. @param take passes the body on: the last chunk */
  async function finishFound(
    c: HonoContext<Env>,
    upload: Upload,
    digest: OciDigest,
    take: (use: (content: Content) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const finishing = () =>
      take((content) => {
        checkLength(c, content.size);
        return finishUpload(withActor(c, oci), upload, content, digest);
      });
    await (upload.hasRow ? keepUploadAlive(oci, upload, finishing) : finishing());
  }

  /** Whether the body stays in memory, and is not a chunk with a position of its own. */
  function isSmallAndWhole(c: HonoContext<Env>): boolean {
    const length = requestHeader(c, 'content-length') ?? '';
    const isSmall = /^\d+$/.test(length) && Number(length) <= Math.min(maxInMemoryBytes, config.limitBlob);
    return isSmall && requestHeader(c, 'content-range') === undefined;
  }

  /** Finds an upload session, and checks the position of the sent chunk before its bytes are received. */
  async function findForChunk(c: HonoContext<Env>, { repository, identifier }: OciInput): Promise<Upload> {
    const upload = await findUpload(withActor(c, oci), repository, identifier);
    checkOffset(upload, readContentRange(c)?.first ?? upload.size);
    return upload;
  }

  return [
    { method: 'POST', kind: 'uploads', access: { right: 'chart.publish' }, handle: start },
    { method: 'PATCH', kind: 'upload', access: { right: 'chart.publish' }, handle: append },
    { method: 'PUT', kind: 'upload', access: { right: 'chart.publish' }, handle: finish },
  ];
}

function sessionRoutes({ oci }: Context): OciRoute[] {
  return [
    {
      method: 'GET',
      kind: 'upload',
      access: { right: 'chart.publish' },
      async handle(c, { repository, identifier: id }) {
        const upload = await findUpload(withActor(c, oci), repository, id);
        return c.body(null, 204, progressHeaders(upload, upload.size));
      },
    },
    {
      method: 'DELETE',
      kind: 'upload',
      access: { right: 'chart.publish' },
      async handle(c, { repository, identifier: id }) {
        const upload = await findUpload(withActor(c, oci), repository, id);
        await cancelUpload(oci, upload);
        return c.body(null, 204);
      },
    },
  ];
}

type UploadName = Pick<Upload, 'id' | 'repository'>;

function sendProgress(c: HonoContext<Env>, upload: UploadName, size: number): Response {
  return sendEmpty(c, 202, { ...progressHeaders(upload, size), 'Content-Length': '0' });
}

function progressHeaders({ id, repository }: UploadName, size: number): Record<string, string> {
  return {
    Location: `/v2/${repository.full}/blobs/uploads/${id}`,
    // The range includes both ends; clients expect `0-0` for an empty session too.
    Range: `0-${Math.max(0, size - 1)}`,
    'Docker-Upload-UUID': id,
  };
}

function sendCreated(c: HonoContext<Env>, { full }: RepositoryRef, digest: OciDigest): Response {
  return sendEmpty(c, 201, {
    Location: `/v2/${full}/blobs/${digest}`,
    'Docker-Content-Digest': digest,
    'Content-Length': '0',
  });
}
