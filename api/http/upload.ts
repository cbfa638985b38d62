import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { Busboy } from '@fastify/busboy';
import type { Context } from 'hono';
import type { Content } from '../../core/blobs/port.ts';
import { type ReceivedContent, receiveContent } from '../../core/blobs/receive.ts';
import { isRegistryError, RegistryError } from '../../core/errors.ts';
import { mostDrained } from './body.ts';
import type { Env } from './mount.ts';

/** What a form that uploads an archive looks like, for `/openapi.json`. */
export const chartFileBody = {
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object' as const,
        required: ['chartfile'],
        properties: { chartfile: { type: 'string' as const, format: 'binary' } },
      },
    },
  },
};

/** Whether a request brings a file, which is what tells an upload from a recipe. */
export function isMultipart(c: Context<Env>): boolean {
  return /^multipart\/form-data\b/i.test(c.req.header('content-type') ?? '');
}

/**
 * Receives the `chartfile` of a multipart form, streaming, and lends it to `use`; other fields are passed over.
 * @param limit bytes of the file
 * @param folder where a large file waits; it is gone when this returns
 * @throws {RegistryError} `upload.missingFile`, `upload.tooLarge`, `request.incomplete`, `request.invalid`
 */
export async function withChartFile<T>(
  c: Context<Env>,
  limit: number,
  folder: string,
  use: (archive: Content) => Promise<T>,
): Promise<T> {
  const archive = await receiveChartFile(c, limit, folder);
  try {
    return await use(archive);
  } finally {
    await archive.discard();
  }
}

async function receiveChartFile(c: Context<Env>, limit: number, folder: string): Promise<ReceivedContent> {
  const form = parseForm(c.req.header('content-type') ?? '', limit);
  // A file may be refused long before its form has ended, so what becomes of it is settled at once.
  let file: Promise<PromiseSettledResult<ReceivedContent>> | undefined;
  const parts: Readable[] = [];
  form.on('file', (field, part) => {
    parts.push(part);
    part.on('error', () => part.resume());
    if (field === 'chartfile' && !file) file = settle(keepFile(part, limit, folder));
    else part.resume();
  });
  const sent = await settle(pipeline(requestBody(c), boundedBy(limit + mostDrained), form));
  // The parser does not end its parts when it is cut off; whoever reads one would wait for ever.
  if (sent.status === 'rejected') for (const part of parts) part.destroy(new Error('the upload was cut off'));
  const kept = await file;
  if (sent.status === 'fulfilled') {
    if (kept?.status === 'fulfilled') return kept.value;
    if (kept) throw kept.reason;
    throw new RegistryError('upload.missingFile', 'The form has no file in a field named chartfile.');
  }
  if (kept?.status === 'fulfilled') await kept.value.discard();
  // What was wrong with the file says more than what ended the body.
  else if (isRegistryError(kept?.reason)) throw kept?.reason;
  if (isRegistryError(sent.reason)) throw sent.reason;
  throw new RegistryError('request.incomplete', 'The upload ended before it was complete. Send it again.');
}

async function settle<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [result] = await Promise.allSettled([promise]);
  return result;
}

async function keepFile(file: Readable, limit: number, folder: string): Promise<ReceivedContent> {
  try {
    return await receiveContent(file, limit, folder);
  } finally {
    // What is left of a file that is too large is read and dropped, so that the client gets to read the answer.
    file.resume();
  }
}

function parseForm(contentType: string, limit: number): InstanceType<typeof Busboy> {
  try {
    // One byte over tells too large from just fitting.
    const limits = { fileSize: limit + 1, fields: 100, files: 10, fieldSize: 64 * 1024 };
    return new Busboy({ headers: { 'content-type': contentType }, limits });
  } catch {
    throw new RegistryError('request.invalid', 'Content-Type multipart/form-data lacks its boundary.');
  }
}

/** Ends a body that goes on and on; what is past the file's own limit is only read so that its sender reads the answer. */
function boundedBy(limit: number) {
  return async function* (body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > limit) throw new RegistryError('upload.tooLarge', `The upload is over ${limit} bytes.`);
      yield chunk;
    }
  };
}

function requestBody(c: Context<Env>): Readable {
  const body: ReadableStream<Uint8Array> | null = c.req.raw.body;
  return body ? Readable.fromWeb(body) : Readable.from([]);
}
