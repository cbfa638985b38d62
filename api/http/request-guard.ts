import type { IncomingMessage } from 'node:http';
import { listensOnLoopback } from '../../core/config/access-mode.ts';
import type { Config } from '../../core/config/settings.ts';
import { RegistryError } from '../../core/errors.ts';
import { isLoopbackHost } from '../../core/runtime/loopback-host.ts';
import { readTarget } from './request-target.ts';

/** Parts of a request that the guard reads. */
export type GuardedRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders'>;

/** Finds the error in a request's target, host or origin; undefined when it may be routed. */
export type RequestGuard = (request: GuardedRequest) => RegistryError | undefined;

/**
 * Creates the check that every request passes before it is routed:
 * - the host must be named once, by the target where that is absolute;
 * - the path must be unambiguous: dot segments and encoded slashes are refused, since URL parsers differ in them;
 * - on loopback, or with `ALLOWED_HOSTS`, the host must be one of the registry's: a foreign name that resolves to
 *   this machine (DNS rebinding) would give a foreign page the same origin;
 * - a write must not come from another origin, as any page in a browser could send one (Fetch standard, `Origin`;
 *   Fetch Metadata, `Sec-Fetch-Site`). Programs send neither header.
 */
export function createRequestGuard({
  listen,
  publicUrl,
  allowedHosts,
}: Pick<Config, 'listen' | 'publicUrl' | 'allowedHosts'>): RequestGuard {
  const allowedHostnames = new Set([
    ...allowedHosts,
    ...(publicUrl === '' ? [] : [new URL(publicUrl).hostname]),
  ]);
  const checksHost = listensOnLoopback({ listen }) || allowedHosts.length > 0;

  const isAllowedHost = (hostname: string) => allowedHostnames.has(hostname) || isLoopbackHost(hostname);

  return (request) => {
    const target = readTarget(request);
    if (target instanceof RegistryError) return target;
    const { host, path } = target;
    if (ambiguousPath.test(path)) return ambiguous();
    if (checksHost && !healthPaths.has(path) && !isAllowedHost(hostnameOf(host)))
      return foreignHost(host ?? '');
    const { method = 'GET', headers } = request;
    if (readMethods.has(method)) return undefined;
    const { origin } = headers;
    const isForeign =
      origin === undefined
        ? headers['sec-fetch-site'] === 'cross-site'
        : !isSameHost(origin, host) && !allowedHostnames.has(hostnameOf(originHost(origin)));
    return isForeign ? foreignOrigin(origin) : undefined;
  };
}

/**
 * Ambiguous paths: with a dot segment, encoded or not, or a backslash, which URL parsers read as a slash. Below
 * `/v2/`, where repository names have slashes, also with an encoded slash; elsewhere such a name is refused as a
 * name.
 */
const ambiguousPath = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)|\\|^\/v2\/.*%2f/i;

const readMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Paths that monitoring requests by address; their responses contain nothing worth protecting by the host. */
const healthPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** Returns the host of a `Host` header in lower case, without the port. */
function hostnameOf(host: string | undefined): string {
  return (host ?? 'localhost').toLowerCase().replace(/:\d*$/, '');
}

function originHost(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : '';
}

/** Compares host and port; a port that the scheme implies may be missing. */
function isSameHost(origin: string, host: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: request } = new URL(origin);
  return (
    host !== undefined &&
    URL.canParse(`${protocol}//${host}`) &&
    new URL(`${protocol}//${host}`).host === request
  );
}

function ambiguous(): RegistryError {
  return new RegistryError(
    'request.invalid',
    'The path has a dot segment (`.`, `..`), an encoded slash or a backslash. No name here has one: write the path without.',
  );
}

function foreignHost(host: string): RegistryError {
  return new RegistryError(
    'host.forbidden',
    `This registry does not answer as ${JSON.stringify(host.slice(0, 100))}. If that is a name of its own, set PUBLIC_URL or ALLOWED_HOSTS to it.`,
  );
}

function foreignOrigin(origin = 'another site'): RegistryError {
  return new RegistryError(
    'origin.forbidden',
    `A page of ${JSON.stringify(origin.slice(0, 100))} may not write to this registry. If the page is the registry's own, set PUBLIC_URL to its address.`,
  );
}
