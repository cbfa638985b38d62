import { buffer } from 'node:stream/consumers';
import type { Context } from 'hono';
import type { Content } from '../../core/blobs/port.ts';
import { RegistryError } from '../../core/errors.ts';
import { maxProvenanceBytes } from '../../core/registry/provenance.ts';
import type { Env } from './env.ts';
import { discardAll, receiveFiles } from './receive-files.ts';

/** Description of the upload form for `/openapi.json`. */
export const chartFileBody = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object' as const,
        required: ['chartfile'],
        properties: {
          chartfile: { type: 'string' as const, format: 'binary', description: 'The archive.' },
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

/** Checks whether the body is a form, which distinguishes an upload from a recipe. */
export function isMultipart(c: Context<Env>): boolean {
  return /^multipart\/form-data\b/i.test(c.req.header('content-type') ?? '');
}

/**
 * Receives an archive, and its provenance file if sent, from a multipart form; see `withFiles`.
 * @param limit largest archive in bytes
 * @throws {RegistryError} `upload.missingFile`, `upload.tooLarge`, `request.incomplete`, `request.invalid`
 */
export async function withChartFile<T>(
  c: Context<Env>,
  limit: number,
  folder: string,
  use: (archive: Content, provenance: Buffer | undefined) => Promise<T>,
): Promise<T> {
  const limits = { chartfile: limit, provfile: maxProvenanceBytes };
  return withFiles(c, limits, folder, async ({ chartfile, provfile }) => {
    if (!chartfile)
      throw new RegistryError(
        'upload.missingFile',
        'The form has no file in a field named chartfile. Send one, as `curl -F chartfile=@CHART.tgz` does.',
      );
    return use(chartfile, provfile && (await buffer(provfile.open())));
  });
}

/**
 * Receives the files of a multipart form, passes them to `use`, and discards them. Files are in memory or on disk.
 * The first file of each named field counts; other fields are ignored.
 * @param limits largest size in bytes, by field
 * @param folder for files that are too large for memory
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
