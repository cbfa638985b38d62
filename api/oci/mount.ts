import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { parseRepository, type RepositoryRef } from '../../core/oci/names.ts';
import { declareAccess } from '../access/declared-routes.ts';
import { checkRouteAccess } from '../access/route-access.ts';
import type { App, Env } from '../http/env.ts';
import { drainRequest } from '../http/received-body.ts';
import { blobRoutes } from './blobs.ts';
import { ociError } from './error-response.ts';
import { listRoutes } from './lists.ts';
import { manifestRoutes } from './manifests.ts';
import { type OciRoute, versionHeader } from './route.ts';
import { uploadRoutes } from './uploads.ts';

// Kinds of paths. Repository names contain slashes, so a path is matched from its end, `blobs/uploads` before
// `blobs`.
const kinds: [OciRoute['kind'], RegExp][] = [
  ['uploads', /^(.+)\/blobs\/uploads\/?()$/],
  ['upload', /^(.+)\/blobs\/uploads\/([^/]+)$/],
  ['blob', /^(.+)\/blobs\/([^/]+)$/],
  ['manifest', /^(.+)\/manifests\/([^/]+)$/],
  ['tags', /^(.+)\/tags\/list\/?()$/],
  ['referrers', /^(.+)\/referrers\/([^/]+)$/],
];

/** Lists the routes of the OCI interface. */
export function listOciRoutes(context: Context): OciRoute[] {
  return [
    ...uploadRoutes(context),
    ...blobRoutes(context),
    ...manifestRoutes(context),
    ...listRoutes(context),
  ];
}

/**
 * Mounts the OCI distribution interface, version 1.1, below `/v2/`. Errors have the format of that interface. The
 * distribution spec describes it, so `/openapi.json` leaves it out.
 */
export function mountOci(app: App, context: Context): void {
  const routes = listOciRoutes(context);
  const answer = declareAccess(async (c: HonoContext<Env>) => {
    for (const [name, value] of Object.entries(versionHeader)) c.header(name, value);
    try {
      return await dispatch(c, routes);
    } catch (error) {
      // Read the body of a request that was refused before that, so that the client reads the response.
      await drainRequest(c);
      return ociError(c, context.log, error);
    }
  }, eachKind);
  app.all('/v2', answer);
  app.all('/v2/*', answer);
}

const eachKind = { anyone: 'each kind of path below declares a right of its own' };

function dispatch(c: HonoContext<Env>, routes: readonly OciRoute[]): Response | Promise<Response> {
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  const path = decodePath(c.req.path).replace(/^\/v2\/?/, '');
  if (path === '') {
    if (method === 'GET') return c.json({});
    throw notAllowed(c, ['GET', 'HEAD']);
  }
  for (const [kind, pattern] of kinds) {
    const match = pattern.exec(path);
    if (!match) continue;
    const [, name = '', identifier = ''] = match;
    const routesOfKind = routes.filter((route) => route.kind === kind);
    const route = routesOfKind.find((candidate) => candidate.method === method);
    if (!route)
      throw notAllowed(
        c,
        routesOfKind.map((candidate) => candidate.method),
      );
    return handle(c, route, parseRepository(name), identifier);
  }
  throw new RegistryError('route.notFound', `There is nothing at ${c.req.path}.`);
}

async function handle(
  c: HonoContext<Env>,
  route: OciRoute,
  repository: RepositoryRef,
  identifier: string,
): Promise<Response> {
  await checkRouteAccess(c, route.access, () => ({ space: repository.space, chart: repository.name }));
  return route.handle(c, { repository, identifier });
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new RegistryError('request.invalid', 'The path is not percent-encoded as it should be.');
  }
}

function notAllowed(c: HonoContext<Env>, methods: readonly string[]): RegistryError {
  c.header('Allow', methods.join(', '));
  return new RegistryError(
    'route.methodNotAllowed',
    `${c.req.path} takes ${methods.join(', ')}, not ${c.req.method}.`,
  );
}
