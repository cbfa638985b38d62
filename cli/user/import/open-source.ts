import { CommandError, usageError } from '../command-error.ts';
import type { BasicCredentials } from '../contexts/basic.ts';
import { findForeignCredentials } from '../contexts/foreign-credentials.ts';
import { isProtectedUrl } from '../contexts/parse-registry-url.ts';
import { parseSpace } from '../parse-address.ts';
import { readSecret } from '../session/read-secret.ts';
import type { Session } from '../session/session.ts';
import type { SourceListing } from './candidate.ts';
import type { RetryWhileRefused } from './retry-while-refused.ts';

/** Options of a source. */
export interface SourceOptions {
  /** Name for the source, whose password is on standard input. */
  user?: string;
  /** Tenants of a ChartMuseum, each of them a space. */
  tenant?: readonly string[];
  /** Names or globs of charts. */
  chart?: readonly string[];
}

/**
 * Lists what a source has: a folder, or the address of a chart repository.
 * @param space absent where the source has several: folders in a folder, or tenants
 * @param retry repeats requests to the registry
 * @throws {CommandError} for a source that is none
 */
export async function openSource(
  session: Session,
  source: string,
  spaceName: string | undefined,
  options: SourceOptions,
  retry: RetryWhileRefused,
): Promise<SourceListing> {
  const { user, tenant } = options;
  const space = spaceName === undefined ? undefined : parseSpace(spaceName);
  if (tenant && space !== undefined)
    throw usageError('each tenant is a space of its own: leave the space out, or --tenant');
  if (/^oci(?:\+http)?:\/\//.test(source)) return openOciSource(session, source, space, options, retry);
  if (!/^https?:\/\//.test(source)) {
    if (user !== undefined || tenant) throw usageError('a folder has neither a user nor tenants');
    const { listFolder } = await import('./folder-source.ts');
    return listFolder(source, space);
  }
  const base = parseBaseUrl(source);
  const [{ createSourceFetch }, { listChartRepository }, basic] = await Promise.all([
    import('./fetch-source.ts'),
    import('./repository-source.ts'),
    findCredentials(session, base, user),
  ]);
  const fetcher = createSourceFetch(base, basic);
  const places = tenant?.map((name) => ({
    base: new URL(`${name}/`, base),
    space: name.replaceAll('/', '-'),
  }));
  if (!places && space === undefined)
    throw usageError(
      'name the space that the charts belong into, or the tenants of a ChartMuseum by --tenant',
    );
  const listed: SourceListing = { candidates: [], leftOut: [] };
  for (const place of places ?? [{ base, space: space ?? '' }]) {
    const { candidates, leftOut } = await listChartRepository(
      fetcher,
      place.base,
      place.space,
      session.signal,
    );
    listed.candidates.push(...candidates);
    listed.leftOut.push(...leftOut);
  }
  return listed;
}

/** Lists the charts of an OCI registry, which are copied with their manifests as they are. */
async function openOciSource(
  session: Session,
  source: string,
  space: string | undefined,
  { user, tenant, chart }: SourceOptions,
  retry: RetryWhileRefused,
): Promise<SourceListing> {
  if (space === undefined || tenant) throw usageError('name the space that the charts belong into');
  // A registry on this machine mostly has no certificate, as for Helm and Docker.
  const isPlain =
    source.startsWith('oci+http:') ||
    /^oci:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::|\/|$)/.test(source);
  const { origin, pathname } = parseBaseUrl(source.replace(/^oci(?:\+http)?:/, isPlain ? 'http:' : 'https:'));
  const base = new URL(origin);
  const [{ openOciConnection }, { listOciCharts }, basic, registry] = await Promise.all([
    import('./oci/connection.ts'),
    import('./oci/oci-source.ts'),
    findCredentials(session, base, user),
    session.registry(),
  ]);
  const { signal } = session;
  const target = openOciConnection({ ...registry, base: new URL(registry.url), signal });
  return listOciCharts({
    source: openOciConnection({ base, basic, signal }),
    path: pathname.replaceAll(/^\/|\/$/g, ''),
    target: { ...target, send: (...request) => retry(() => target.send(...request)) },
    ...{ space, chart },
  });
}

function parseBaseUrl(source: string): URL {
  if (!URL.canParse(source)) throw usageError(`${source} is not an address`);
  const url = new URL(source);
  if (url.username !== '' || url.password !== '')
    throw usageError(
      'credentials do not belong into the address: give --user NAME with the password on standard input',
    );
  url.search = '';
  url.hash = '';
  url.pathname = `${url.pathname.replace(/\/index\.yaml$/, '').replace(/\/+$/, '')}/`;
  return url;
}

async function findCredentials(
  session: Session,
  base: URL,
  user: string | undefined,
): Promise<BasicCredentials | undefined> {
  if (user === undefined) {
    // Nobody has asked for these, so they go to https and to this machine alone.
    const found = isProtectedUrl(base.href) && (await findForeignCredentials(session.environment, base.host));
    return found ? found.basic : undefined;
  }
  if (!isProtectedUrl(base.href))
    session.note(`warning: the password goes to ${base.origin} without encryption`);
  const password = await readSecret(`Password of ${user}`);
  if (password === undefined) throw new CommandError('there is no password on standard input');
  return { user, password };
}
