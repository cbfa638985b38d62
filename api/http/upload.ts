import { buffer } from 'node:stream/consumers';
import type { Context } from 'hono';
import type { Content } from '../../core/blobs/port.ts';
import { RegistryError } from '../../core/errors.ts';
import { maxProvenance } from '../../core/registry/provenance.ts';
import type { Env } from './env.ts';
import { discardAll, receiveFiles } from './receive-files.ts';

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
  const limits = { chartfile: limit, provfile: maxProvenance };
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
