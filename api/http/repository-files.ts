import type { Context as HonoContext } from 'hono';
import { markRefusal, refusalOf } from '../../core/access/refusals.ts';
import { archiveName, splitArchiveName } from '../../core/archive/archive-name.ts';
import type { Context } from '../../core/context.ts';
import { isRegistryError, RegistryError } from '../../core/errors.ts';
import { indexFormats } from '../../core/repository/document.ts';
import { findArchiveFile, findProvenanceFile, findRepositoryFile } from '../../core/repository/downloads.ts';
import { fileNotFoundError, findVersionByFileName } from '../../core/repository/find-file.ts';
import { actorOf } from '../access/route-access.ts';
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
    const { body, etag, spaceId } = await indexes.read(space, { format, encoding });
    const contentHeaders = {
      'Content-Type': format === 'yaml' ? 'application/yaml' : 'application/json',
      ...(encoding === 'identity' ? {} : { 'Content-Encoding': encoding }),
    };
    const headers = { ETag: etag, 'Cache-Control': 'no-cache', Vary: 'Accept, Accept-Encoding' };
    return { body, etag, contentHeaders, headers, spaceId };
  });
}

/** Sends the archive with a file name, or its provenance file. */
export async function sendFile(
  c: HonoContext<Env>,
  context: Context,
  space: string,
  file: string,
): Promise<Response> {
  if (!versionFilePattern.test(file)) throw routeNotFoundError(c);
  try {
    await checkRightForFileName(c, space, file);
    return await sendDownload(c, context, space, () => findRepositoryFile(context.registry, space, file));
  } catch (error) {
    throw await maskFileError(c, context, { space, file, error });
  }
}

/**
 * Refuses a file of no chart that the token may read, before anything is looked up. A file name may be that of several
 * charts. A token for some charts is refused by the name alone, in the time that an absent file takes.
 */
async function checkRightForFileName(c: HonoContext<Env>, space: string, file: string): Promise<void> {
  const actor = actorOf(c);
  const caller = await actor.caller();
  if (caller.kind !== 'principal' || caller.tokenId === undefined) return;
  const splits = splitArchiveName(file.replace(/\.tgz(?:\.prov)?$/, ''));
  const places = splits.map(({ chart }) => ({ space, chart }));
  const mayRead = await Promise.all(places.map((place) => actor.may('chart.read', place)));
  const [first] = places;
  if (first && !mayRead.includes(true)) await actor.require('chart.read', first);
}

/**
 * Replaces an error about a file that the caller may not read by that of an absent file. A token may be for some
 * charts, and which chart a file belongs to is known only once the file is found.
 */
async function maskFileError(
  c: HonoContext<Env>,
  { registry }: Context,
  { space, file, error }: { space: string; file: string; error: unknown },
): Promise<unknown> {
  const archive = file.replace(/\.prov$/, '');
  const refusal = isRegistryError(error, 'space.notFound') ? refusalOf(error) : undefined;
  if (refusal) return markRefusal(fileNotFoundError(space, archive), refusal);
  if (!isRegistryError(error, 'provenance.notFound')) return error;
  const { chart } = await findVersionByFileName(registry, space, archive);
  return (await actorOf(c).may('chart.read', { space, chart })) ? error : fileNotFoundError(space, archive);
}

/** Sends the archive of a version or its provenance file, by the file name. */
export async function sendNamedFile(
  c: HonoContext<Env>,
  context: Context,
  { file, ...ref }: NamedFile,
): Promise<Response> {
  const archive = archiveName(ref.chart, ref.version);
  const find = { [archive]: findArchiveFile, [`${archive}.prov`]: findProvenanceFile }[file];
  if (!find) throw routeNotFoundError(c);
  return sendDownload(c, context, ref.space, () => find(context.registry, ref));
}

/** Pattern of the names of archives and provenance files. */
const versionFilePattern = /\.tgz(?:\.prov)?$/;

/** Creates the 404 for the requested path. */
export function routeNotFoundError(c: HonoContext<Env>): RegistryError {
  return new RegistryError('route.notFound', `There is nothing at ${c.req.path}. /docs lists what there is.`);
}
