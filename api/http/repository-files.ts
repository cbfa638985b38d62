import type { Context as HonoContext } from 'hono';
import { archiveName } from '../../core/archive/archive-name.ts';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import type { RegistryDeps } from '../../core/registry/registry.ts';
import { indexFormats } from '../../core/repository/document.ts';
import { type FoundFile, findFile, findFileOf } from '../../core/repository/find-file.ts';
import { sendCached } from './cached-response.ts';
import { sendArchive, sendProvenance } from './download.ts';
import type { Env } from './env.ts';
import { chooseEncoding, chooseFormat } from './negotiate.ts';

/** File of a version by an address that names both, as an index gives it where the file name is ambiguous. */
export interface NamedFile {
  space: string;
  chart: string;
  version: string;
  file: string;
}

/** Sends the current index of a space, or its entries alone, in the format and encoding that the client prefers. */
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
export function sendFile(
  c: HonoContext<Env>,
  { registry }: Context,
  space: string,
  file: string,
): Promise<Response> {
  return sendFound(c, registry, file, (archiveFile) => findFile(registry, space, archiveFile));
}

/** Sends the archive of a version or its provenance file, by the file name. */
export function sendNamedFile(
  c: HonoContext<Env>,
  { registry }: Context,
  { file, ...ref }: NamedFile,
): Promise<Response> {
  return sendFound(c, registry, file, (archiveFile) => {
    if (archiveFile !== archiveName(ref.chart, ref.version)) throw nothingAt(c);
    return findFileOf(registry, ref);
  });
}

async function sendFound(
  c: HonoContext<Env>,
  registry: RegistryDeps,
  file: string,
  find: (archiveFile: string) => Promise<FoundFile>,
): Promise<Response> {
  const archiveFile = file.replace(/\.prov$/, '');
  if (!archiveFile.endsWith('.tgz')) throw nothingAt(c);
  const { archive, ...ref } = await find(archiveFile);
  if (archiveFile !== file) return sendProvenance(c, registry, ref);
  return sendArchive(c, registry, ref, archive);
}

/** Creates the 404 for the requested path. */
export function nothingAt(c: HonoContext<Env>): RegistryError {
  return new RegistryError('route.notFound', `There is nothing at ${c.req.path}. /docs lists what there is.`);
}
