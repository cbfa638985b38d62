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

/** A file by its version and its own name, as an index gives it where the name alone is not enough. */
export interface NamedFile {
  space: string;
  chart: string;
  version: string;
  file: string;
}

/** Sends the index of a space as it is now, in the form that the client likes best; or its entries alone. */
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

/** Sends the archive that is called so, or its provenance file. */
export function sendFile(
  c: HonoContext<Env>,
  { registry }: Context,
  space: string,
  file: string,
): Promise<Response> {
  return sendFound(c, registry, file, (archiveFile) => findFile(registry, space, archiveFile));
}

/** Sends the archive of a version, or its provenance file, as its own name says. */
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

export function nothingAt(c: HonoContext<Env>): RegistryError {
  return new RegistryError('route.notFound', `There is nothing at ${c.req.path}. /docs lists what there is.`);
}
