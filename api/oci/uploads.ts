import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { appendChunk } from '../../core/oci/append-chunk.ts';
import { isOciDigest, type OciDigest, parseDigest } from '../../core/oci/digest.ts';
import { finishUpload, storeWholeBlob } from '../../core/oci/finish-upload.ts';
import { mountBlob } from '../../core/oci/mount-blob.ts';
import { parseRepository, type RepositoryRef } from '../../core/oci/names.ts';
import { checkMayPush } from '../../core/oci/repositories.ts';
import {
  cancelUpload,
  checkOffset,
  findUpload,
  keepUploadAlive,
  startUpload,
} from '../../core/oci/uploads.ts';
import type { Env } from '../http/env.ts';
import { withBody } from '../http/received-body.ts';
import type { OciInput, OciRoute } from './route.ts';

/** Routes that upload blobs: whole, in chunks, or by a mount (distribution spec 1.1, "Pushing blobs"). */
export function uploadRoutes(context: Context): OciRoute[] {
  return [...writeRoutes(context), ...sessionRoutes(context)];
}

function writeRoutes({ registry, config, uploadFolder }: Context): OciRoute[] {
  const receive = <T>(c: HonoContext<Env>, before: number, use: Parameters<typeof withBody<T>>[3]) =>
    withBody(c, Math.max(0, config.limitBlob - before), uploadFolder, use);

  async function start(c: HonoContext<Env>, { repository }: OciInput): Promise<Response> {
    const { mount, from, digest } = c.req.query();
    if (mount !== undefined && isOciDigest(mount)) {
      const source = from ? parseRepository(from) : undefined;
      if (await mountBlob(registry, repository, mount, source)) return created(c, repository, mount);
    } else if (digest !== undefined && digest !== '') {
      const wanted = parseDigest(digest);
      await checkMayPush(registry, repository);
      await receive(c, 0, (body) => storeWholeBlob(registry, repository, body, wanted));
      return created(c, repository, wanted);
    }
    return progress(c, repository, await startUpload(registry, repository), 0, 202);
  }

  async function append(c: HonoContext<Env>, { repository, identifier: id }: OciInput): Promise<Response> {
    const offset = await checkChunk(c, repository, id);
    const size = await keepUploadAlive(registry, id, () =>
      receive(c, offset, (chunk) => {
        checkLength(c, chunk.size);
        return appendChunk(registry, repository, id, offset, chunk);
      }),
    );
    return progress(c, repository, id, size, 202);
  }

  async function finish(c: HonoContext<Env>, { repository, identifier: id }: OciInput): Promise<Response> {
    const digest = parseDigest(c.req.query('digest') ?? '');
    const offset = await checkChunk(c, repository, id);
    await keepUploadAlive(registry, id, () =>
      receive(c, offset, (content) => {
        checkLength(c, content.size);
        return finishUpload(registry, repository, id, { offset, content }, digest);
      }),
    );
    return created(c, repository, digest);
  }

  /** Checks a chunk's position before its bytes are received. @returns the offset of its first byte */
  async function checkChunk(c: HonoContext<Env>, repository: RepositoryRef, id: string): Promise<number> {
    const upload = await findUpload(registry.db, repository, id);
    const offset = readContentRange(c)?.first ?? upload.size;
    checkOffset(upload, offset);
    return offset;
  }

  return [
    { method: 'POST', kind: 'uploads', handle: start },
    { method: 'PATCH', kind: 'upload', handle: append },
    { method: 'PUT', kind: 'upload', handle: finish },
  ];
}

function sessionRoutes({ registry }: Context): OciRoute[] {
  return [
    {
      method: 'GET',
      kind: 'upload',
      async handle(c, { repository, identifier: id }) {
        const { size } = await findUpload(registry.db, repository, id);
        return progress(c, repository, id, size, 204);
      },
    },
    {
      method: 'DELETE',
      kind: 'upload',
      async handle(c, { repository, identifier: id }) {
        await cancelUpload(registry, repository, id);
        return c.body(null, 204);
      },
    },
  ];
}

function progress(
  c: HonoContext<Env>,
  { full }: RepositoryRef,
  id: string,
  size: number,
  status: 202 | 204,
): Response {
  return c.body(null, status, {
    Location: `/v2/${full}/blobs/uploads/${id}`,
    // The range includes both ends; clients expect `0-0` for an empty session too.
    Range: `0-${Math.max(0, size - 1)}`,
    'Docker-Upload-UUID': id,
    ...(status === 202 ? { 'Content-Length': '0' } : {}),
  });
}

function created(c: HonoContext<Env>, { full }: RepositoryRef, digest: OciDigest): Response {
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
