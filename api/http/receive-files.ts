import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import type { Context } from 'hono';
import { type ReceivedContent, receiveContent } from '../../core/blobs/receive.ts';
import { isRegistryError, RegistryError } from '../../core/errors.ts';
import { chunksOf, maxDrainBytes, requestBody } from './body.ts';
import type { Env } from './env.ts';

type Outcome = PromiseSettledResult<ReceivedContent>;

/**
 * Receives the first file of each named field of a multipart form. Other fields are ignored. The caller discards the
 * files.
 * @param limits largest size in bytes, by field
 * @param folder for files that are too large for memory
 * @throws {RegistryError} `upload.tooLarge`, `request.incomplete`, `request.invalid`; then no file is left in the
 *   folder
 */
export async function receiveFiles(
  c: Context<Env>,
  limits: ReadonlyMap<string, number>,
  folder: string,
): Promise<Map<string, ReceivedContent>> {
  const maxFileBytes = Math.max(...limits.values());
  const form = createFormParser(c.req.header('content-type') ?? '', maxFileBytes);
  // A file may fail long before the form ends, so its outcome is caught now and not as an unhandled rejection.
  const receiving = new Map<string, Promise<Outcome>>();
  const parts: Readable[] = [];
  form.on('file', (field, part) => {
    parts.push(part);
    part.on('error', () => part.resume());
    const limit = limits.get(field);
    if (limit !== undefined && !receiving.has(field))
      receiving.set(field, outcomeOf(receiveFile(part, limit, folder)));
    else part.resume();
  });
  const fed = await outcomeOf(feedFormParser(form, requestBody(c), maxFileBytes + maxDrainBytes));
  // The parser does not end its parts when the body is cut off: end them, or their readers wait for ever.
  if (fed.status === 'rejected') for (const part of parts) part.destroy(new Error('the upload was cut off'));
  const kept = new Map<string, ReceivedContent>();
  const faults: unknown[] = [];
  for (const [field, file] of receiving) {
    const outcome = await file;
    if (outcome.status === 'fulfilled') kept.set(field, outcome.value);
    else faults.push(outcome.reason);
  }
  if (fed.status === 'fulfilled' && faults.length === 0) return kept;
  await discardAll(kept.values());
  // Prefer a file's own error to the end of the body that the error caused.
  const [fault] =
    fed.status === 'fulfilled' ? faults : [...faults.filter((e) => isRegistryError(e)), fed.reason];
  if (fed.status === 'fulfilled' || isRegistryError(fault)) throw fault;
  throw new RegistryError('request.incomplete', 'The upload ended before it was complete. Send it again.');
}

/** Discards received files. */
export async function discardAll(files: Iterable<ReceivedContent>): Promise<void> {
  for (const file of files) await file.discard();
}

async function outcomeOf<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [result] = await Promise.allSettled([promise]);
  return result;
}

async function receiveFile(file: Readable, limit: number, folder: string): Promise<ReceivedContent> {
  try {
    return await receiveContent(file, limit, folder);
  } finally {
    // Read and drop the rest of a file that is too large, so that the client reads the response.
    file.resume();
  }
}

function createFormParser(contentType: string, limit: number): InstanceType<typeof Busboy> {
  try {
    // Allow a byte more than the limit, to tell a file that is too large from one that just fits.
    const limits = { fileSize: limit + 1, fields: 100, files: 10, fieldSize: 64 * 1024 };
    return new Busboy({ headers: { 'content-type': contentType }, limits });
  } catch {
    throw new RegistryError(
      'request.invalid',
      /^multipart\/form-data\b/i.test(contentType)
        ? 'Content-Type multipart/form-data lacks its boundary. Let the client write this header, as `curl -F FIELD=@FILE` does.'
        : 'A file comes in a form (multipart/form-data), as `curl -F FIELD=@FILE` sends it.',
    );
  }
}

/**
 * Feeds a body to its parser, up to a limit. Bytes past a file's own limit are read only so that the client reads the
 * response.
 */
async function feedFormParser(
  form: InstanceType<typeof Busboy>,
  body: Readable,
  limit: number,
): Promise<void> {
  const parsed = finished(form);
  // The first failure is reported; a later one of the parser must not be an unhandled rejection.
  parsed.catch(() => undefined);
  let size = 0;
  try {
    for await (const chunk of chunksOf(body)) {
      size += chunk.length;
      if (size > limit)
        throw new RegistryError(
          'upload.tooLarge',
          `The upload is over ${limit} bytes. Make it smaller, or have the operator raise LIMIT_PACKED.`,
        );
      if (!form.write(chunk)) await Promise.race([once(form, 'drain'), parsed]);
    }
    form.end();
    await parsed;
  } finally {
    form.destroy();
  }
}
