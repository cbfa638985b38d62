import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { Busboy } from '@fastify/busboy';
import type { Context } from 'hono';
import type { Content } from '../../core/blobs/port.ts';
import { type ReceivedContent, receiveContent } from '../../core/blobs/receive.ts';
import { isRegistryError, RegistryError } from '../../core/errors.ts';
import { longestProvenance } from '../../core/registry/provenance.ts';
import { mostDrained } from './body.ts';
import type { Env } from './mount.ts';

/** What a form that uploads an archive looks like, for `/openapi.json`. */
export const chartFileBody = {
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object' as const,
        required: ['chartfile'],
        properties: {
          chartfile: { type: 'string' as const, format: 'binary' },
          provfile: {
            type: 'string' as const,
            format: 'binary',
            description: 'The provenance file of the archive.',
          },
        },
      },
    },
  },
};

/** Whether a request brings a file, which is what tells an upload from a recipe. */
export function isMultipart(c: Context<Env>): boolean {
  return /^multipart\/form-data\b/i.test(c.req.header('content-type') ?? '');
}

/**
 * Receives an archive and, if there is one, its provenance file, of a multipart form; see `withFiles`.
 * @param limit bytes of the archive
 * @throws {RegistryError} `upload.missingFile`, `upload.tooLarge`, `request.incomplete`, `request.invalid`
 */
export async function withChartFile<T>(
  c: Context<Env>,
  limit: number,
  folder: string,
  use: (archive: Content, provenance: Buffer | undefined) => Promise<T>,
): Promise<T> {
  const limits = { chartfile: limit, provfile: longestProvenance };
  return withFiles(c, limits, folder, async ({ chartfile, provfile }) => {
    if (!chartfile)
      throw new RegistryError('upload.missingFile', 'The form has no file in a field named chartfile.');
    return use(chartfile, provfile && (await buffer(provfile.open())));
  });
}

/**
 * Receives files of a multipart form, streaming, the first of each field that is named, and lends them to `use`; other
 * fields are passed over.
 * @param limits bytes of the file, by the name of its field
 * @param folder where a large file waits; it is gone when this returns
 * @throws {RegistryError} `upload.tooLarge`, `request.incomplete`, `request.invalid`
 */
export async function withFiles<Field extends string, T>(
  c: Context<Env>,
  limits: Record<Field, number>,
  folder: string,
  use: (files: { [Name in Field]?: Content }) => Promise<T>,
): Promise<T> {
  const received = await receiveFiles(c, new Map<string, number>(Object.entries(limits)), folder);
  const files: { [Name in Field]?: Content } = {};
  for (const field in limits) {
    const file = received.get(field);
    if (file) files[field] = file;
  }
  try {
    return await use(files);
  } finally {
    await discardAll(received.values());
  }
}

type Settled = PromiseSettledResult<ReceivedContent>;

async function receiveFiles(
  c: Context<Env>,
  limits: ReadonlyMap<string, number>,
  folder: string,
): Promise<Map<string, ReceivedContent>> {
  const longest = Math.max(...limits.values());
  const form = parseForm(c.req.header('content-type') ?? '', longest);
  // A file may be refused long before its form has ended, so what becomes of it is settled at once.
  const receiving = new Map<string, Promise<Settled>>();
  const parts: Readable[] = [];
  form.on('file', (field, part) => {
    parts.push(part);
    part.on('error', () => part.resume());
    const limit = limits.get(field);
    if (limit !== undefined && !receiving.has(field))
      receiving.set(field, settle(keepFile(part, limit, folder)));
    else part.resume();
  });
  const sent = await settle(pipeline(requestBody(c), boundedBy(longest + mostDrained), form));
  // The parser does not end its parts when it is cut off; whoever reads one would wait for ever.
  if (sent.status === 'rejected') for (const part of parts) part.destroy(new Error('the upload was cut off'));
  const kept = new Map<string, ReceivedContent>();
  const faults: unknown[] = [];
  for (const [field, file] of receiving) {
    const settled = await file;
    if (settled.status === 'fulfilled') kept.set(field, settled.value);
    else faults.push(settled.reason);
  }
  if (sent.status === 'fulfilled' && faults.length === 0) return kept;
  await discardAll(kept.values());
  // What was wrong with a file says more than what ended the body.
  const [fault] =
    sent.status === 'fulfilled' ? faults : [...faults.filter((e) => isRegistryError(e)), sent.reason];
  if (sent.status === 'fulfilled' || isRegistryError(fault)) throw fault;
  throw new RegistryError('request.incomplete', 'The upload ended before it was complete. Send it again.');
}

async function discardAll(files: Iterable<ReceivedContent>): Promise<void> {
  for (const file of files) await file.discard();
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
