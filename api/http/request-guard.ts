import type { IncomingMessage } from 'node:http';
import { listensOnLoopback } from '../../core/config/access-mode.ts';
import type { Config } from '../../core/config/settings.ts';
import { RegistryError } from '../../core/errors.ts';
import { isLoopbackHost } from '../../core/runtime/loopback-host.ts';
import type { ClientRequest } from '../access/client.ts';
import { createClientReader } from '../access/client-reader.ts';
import { createForeignOriginCheck } from './foreign-origin-check.ts';
import { readTarget } from './request-target.ts';

/** Finds the error in a request's target, host or origin; undefined when it may be routed. */
export type RequestGuard = (
  request: ClientRequest & Pick<IncomingMessage, 'method'>,
) => RegistryError | undefined;

/**
 * Creates the check that every request passes before it is routed:
 * - the host must be named once, by the target where that is absolute;
 * - the path must be unambiguous: dot segments and encoded slashes are refused, since URL parsers differ in them;
 * - on loopback, or with `ALLOWED_HOSTS`, the host must be one of the registry's, and so must the host that a trusted
 *   proxy was asked for: a foreign name that resolves to this machine or to the proxy (DNS rebinding) would give a
 *   foreign page the same origin;
 * - a write must not come from a page of another origin, see `createForeignOriginCheck`.
 */
export function createRequestGuard(
  config: Pick<Config, 'listen' | 'publicUrl' | 'allowedHosts' | 'trustedProxies'>,
): RequestGuard {
  const { publicUrl, allowedHosts } = config;
  const allowedHostnames = new Set(
    publicUrl === '' ? allowedHosts : [...allowedHosts, new URL(publicUrl).hostname],
  );
  const checksHost = listensOnLoopback(config) || allowedHosts.length > 0;
  const { forwardedHostOf } = createClientReader(config);
  const isForeign = createForeignOriginCheck(config);

  const isAllowedHost = (host: string | undefined) => {
    const hostname = hostnameOf(host);
    return allowedHostnames.has(hostname) || isLoopbackHost(hostname);
  };

  return (request) => {
    const target = readTarget(request);
    if (target instanceof RegistryError) return target;
    const { host, path } = target;
    if (ambiguousPathPattern.test(path)) return ambiguousPathError();
    const forwardedHost = forwardedHostOf(request);
    if (checksHost && !healthPaths.has(path)) {
      if (!isAllowedHost(host)) return foreignHostError(host ?? '');
      if (forwardedHost !== undefined && !isAllowedHost(forwardedHost))
        return foreignHostError(forwardedHost);
    }
    const { method = 'GET', headers } = request;
    if (safeMethods.has(method) || !isForeign(headers, forwardedHost ?? host)) return undefined;
    return foreignOriginError(headers.origin);
  };
}

/**
 * Pattern of ambiguous paths: with a dot segment, encoded or not, or a backslash, which URL parsers read as a slash.
 * Below `/v2/`, where repository names have slashes, also with an encoded slash; elsewhere such a name is refused as a
 * name.
 */
const ambiguousPathPattern = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)|\\|^\/v2\/.*%2f/i;

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Paths that monitoring requests by address; their responses contain nothing worth protecting by the host. */
const healthPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** Returns the host of a `Host` header in lower case, without the port. */
function hostnameOf(host: string | undefined): string {
  return (host ?? 'localhost').toLowerCase().replace(/:\d*$/, '');
}

function ambiguousPathError(): RegistryError {
  return new RegistryError(
    'request.invalid',
    'The path has a dot segment (`.`, `..`), an encoded slash or a backslash. No name here has one: write the path without.',
  );
}

function foreignHostError(host: string): RegistryError {
  return new RegistryError(
    'host.forbidden',
    `This registry does not answer as ${JSON.stringify(host.slice(0, 100))}. If that is a name of its own, set PUBLIC_URL or ALLOWED_HOSTS to it.`,
  );
}

function foreignOriginError(origin = 'another site'): RegistryError {
  return new RegistryError(
    'origin.forbidden',
    `A page of ${JSON.stringify(origin.slice(0, 100))} may not write to this registry. If the page is the registry's own, set PUBLIC_URL to its address.`,
  );
}
