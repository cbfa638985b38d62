import type { Context as HonoContext } from 'hono';
import { archiveName } from '../../core/archive/archive-name.ts';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { indexFormats } from '../../core/repository/document.ts';
import { findArchiveFile, findProvenanceFile, findRepositoryFile } from '../../core/repository/downloads.ts';
import { sendCached } from './cached-response.ts';
import { sendDownload } from './download.ts';
import type { Env } from './env.ts';
import { chooseEncoding, chooseFormat } from './negotiate.ts';

/** File of a version, by an address with chart, version and file. An index has it where the file name alone is ambiguous. */
export interface NamedFile {
  space: string;
  chart: string;
  version: string;
  file: string;
}

/**
 * Sends the current index of a space, or its entries alone. Format and encoding are those that the client prefers.
 */
export function sendIndex(
  c: HonoContext<Env>,
  { indexes, config }: Context,
  space: string,
  form?: 'entries',
): Promise<Response> {
  const format = form ?? chooseFormat(c, indexFormats, config.indexFormat);
  const encoding = chooseEncoding(c, ['br', 'gzip']);
  return sendCached(c, async () => {
    const { body, etag } = await indexes.read(space, { format, encoding });
    const contentHeaders = {
      'Content-Type': format === 'yaml' ? 'application/yaml' : 'application/json',
      ...(encoding === 'identity' ? {} : { 'Content-Encoding': encoding }),
    };
    const headers = { ETag: etag, 'Cache-Control': 'no-cache', Vary: 'Accept, Accept-Encoding' };
    return { body, etag, contentHeaders, headers };
  });
}

/** Sends the archive with a file name, or its provenance file. */
export async function sendFile(
  c: HonoContext<Env>,
  context: Context,
  space: string,
  file: string,
): Promise<Response> {
  if (!isFileOfVersion.test(file)) throw nothingAt(c);
  return sendDownload(c, context, space, () => findRepositoryFile(context.registry, space, file));
}

/** Sends the archive of a version or its provenance file, by the file name. */
export async function sendNamedFile(
  c: HonoContext<Env>,
  context: Context,
  { file, ...ref }: NamedFile,
): Promise<Response> {
  const archive = archiveName(ref.chart, ref.version);
  const find = { [archive]: findArchiveFile, [`${archive}.prov`]: findProvenanceFile }[file];
  if (!find) throw nothingAt(c);
  return sendDownload(c, context, ref.space, () => find(context.registry, ref));
}

/** Names of archives and provenance files. */
const isFileOfVersion = /\.tgz(?:\.prov)?$/;

/** Creates the 404 for the requested path. */
export function nothingAt(c: HonoContext<Env>): RegistryError {
  return new RegistryError('route.notFound', `There is nothing at ${c.req.path}. /docs lists what there is.`);
}
