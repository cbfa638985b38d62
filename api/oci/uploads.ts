import type { Context as HonoContext } from 'hono';
import type { Content } from '../../core/blobs/port.ts';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { appendChunk } from '../../core/oci/append-chunk.ts';
import { isOciDigest, type OciDigest, parseDigest } from '../../core/oci/digest.ts';
import { finishUpload, storeWholeBlob } from '../../core/oci/finish-upload.ts';
import { mountBlob } from '../../core/oci/mount-blob.ts';
import { parseRepository, type RepositoryRef } from '../../core/oci/names.ts';
import { checkMayPush } from '../../core/oci/prepare-push.ts';
import {
  cancelUpload,
  checkOffset,
  findUpload,
  keepUploadAlive,
  startUpload,
  type Upload,
} from '../../core/oci/uploads.ts';
import { withActor } from '../access/route-access.ts';
import type { Env } from '../http/env.ts';
import { withReceivedBody } from '../http/received-body.ts';
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
    return sendProgress(c, { id, repository }, 0, 202);
  }

  async function append(c: HonoContext<Env>, input: OciInput): Promise<Response> {
    const upload = await findForChunk(c, input);
    const size = await keepUploadAlive(oci, upload, () =>
      receive(c, upload.size, (chunk) => {
        checkLength(c, chunk.size);
        return appendChunk(oci, upload, chunk);
      }),
    );
    return sendProgress(c, upload, size, 202);
  }

  async function finish(c: HonoContext<Env>, input: OciInput): Promise<Response> {
    const digest = parseDigest(c.req.query('digest') ?? '');
    const upload = await findForChunk(c, input);
    const use = (content: Content) => {
      checkLength(c, content.size);
      return finishUpload(withActor(c, oci), upload, content, digest);
    };
    const finishing = () => receive(c, upload.size, use);
    await (upload.hasRow ? keepUploadAlive(oci, upload, finishing) : finishing());
    return sendCreated(c, upload.repository, digest);
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
        return sendProgress(c, upload, upload.size, 204);
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

function sendProgress(
  c: HonoContext<Env>,
  { id, repository }: Pick<Upload, 'id' | 'repository'>,
  size: number,
  status: 202 | 204,
): Response {
  return c.body(null, status, {
    Location: `/v2/${repository.full}/blobs/uploads/${id}`,
    // The range includes both ends; clients expect `0-0` for an empty session too.
    Range: `0-${Math.max(0, size - 1)}`,
    'Docker-Upload-UUID': id,
    ...(status === 202 ? { 'Content-Length': '0' } : {}),
  });
}

function sendCreated(c: HonoContext<Env>, { full }: RepositoryRef, digest: OciDigest): Response {
  return c.body(null, 201, {
    Location: `/v2/${full}/blobs/${digest}`,
    'Docker-Content-Digest': digest,
    'Content-Length': '0',
  });
}

/** Reads `Content-Range` of a chunk, which the distribution spec writes without a unit. */
function readContentRange(c: HonoContext<Env>): { first: number; last: number } | undefined {
  const header = c.req.header('content-range');
  if (header === undefined) return undefined;
  const match = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/.*)?$/.exec(header.trim());
  if (match) return { first: Number(match[1]), last: Number(match[2]) };
  throw new RegistryError('chunk.invalid', `Content-Range ${header} is not like 0-1023.`);
}

function checkLength(c: HonoContext<Env>, size: number): void {
  const range = readContentRange(c);
  if (!range || size === 0 || range.last - range.first + 1 === size) return;
  throw new RegistryError(
    'chunk.invalid',
    `Content-Range announces ${range.last - range.first + 1} bytes, but the body has ${size}.`,
  );
}
