import type { Context as HonoContext } from 'hono';
import { loginRequiredError } from '../../core/access/refusals.ts';
import { actionsForRight, catalogScope, writeScope } from '../../core/access/registry-scopes.ts';
import type { SpaceRight } from '../../core/access/rights.ts';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { isRepositoryName, parseRepository, type RepositoryRef } from '../../core/oci/names.ts';
import { answerWithAccess } from '../access/answer-with-access.ts';
import { registryBaseUrl } from '../access/client-address.ts';
import { declareAccess } from '../access/declared-routes.ts';
import { tokenPath } from '../access/registry-challenge.ts';
import { actorOf } from '../access/route-access.ts';
import type { App, Env } from '../http/env.ts';
import { setAnswerHeader } from '../http/node-headers.ts';
import { drainRequest } from '../http/received-body.ts';
import { blobRoutes } from './blobs.ts';
import { ociErrorResponse } from './error-response.ts';
import { catalogRoute, listRoutes } from './lists.ts';
import { manifestRoutes } from './manifests.ts';
import { type OciRootRoute, type OciRoute, versionHeader } from './route.ts';
import { tokenRoutes } from './token.ts';
import { uploadRoutes } from './uploads.ts';

// Kinds of paths. Repository names contain slashes, so a path is matched from its end, `blobs/uploads` before
// `blobs`. The last column is shown in metrics.
const kinds: [kind: OciRoute['kind'], pattern: RegExp, shown: string][] = [
  ['uploads', /^(.+)\/blobs\/uploads\/?()$/, '/blobs/uploads/'],
  ['upload', /^(.+)\/blobs\/uploads\/([^/]+)$/, '/blobs/uploads/{id}'],
  ['blob', /^(.+)\/blobs\/([^/]+)$/, '/blobs/{digest}'],
  ['manifest', /^(.+)\/manifests\/([^/]+)$/, '/manifests/{reference}'],
  ['tags', /^(.+)\/tags\/list\/?()$/, '/tags/list'],
  ['referrers', /^(.+)\/referrers\/([^/]+)$/, '/referrers/{digest}'],
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

/** Lists the routes of the OCI interface whose paths name no repository. */
export function listOciRootRoutes(context: Context): OciRootRoute[] {
  return [baseRoute, catalogRoute(context), ...(context.access.guarded ? tokenRoutes(context) : [])];
}

/**
 * Mounts the OCI distribution interface, version 1.1, below `/v2/`. Errors have the format of that interface. The
 * distribution spec describes it, so `/openapi.json` leaves it out.
 */
export function mountOci(app: App, context: Context): void {
  const routes = listOciRoutes(context);
  const rootRoutes = listOciRootRoutes(context);
  const answer = declareAccess(async (c: HonoContext<Env>) => {
    for (const [name, value] of Object.entries(versionHeader)) setAnswerHeader(c, name, value);
    c.set('challenge', { realm: `${registryBaseUrl(c)}${tokenPath}` });
    try {
      return await dispatch(c, routes, rootRoutes);
    } catch (error) {
      // Read the body of a request that was refused before that, so that the client reads the response.
      await drainRequest(c);
      return ociErrorResponse(c, context.log, error);
    }
  }, dispatchAccess);
  app.all('/v2', answer);
  app.all('/v2/*', answer);
}

const dispatchAccess = { anyone: 'each kind of path below declares a right of its own' };

/**
 * Base of the interface, where clients learn how to log in. A caller without credentials is refused although it may
 * read public spaces. After a 200 here most clients send no credentials for the rest of their session.
 */
const baseRoute: OciRootRoute = {
  method: 'GET',
  path: '',
  access: { right: 'chart.read', checkedBy: 'handler' },
  async handle(c) {
    const caller = await actorOf(c).caller();
    if (caller.kind === 'anonymous' && !caller.scopes) throw loginRequiredError();
    return c.json({});
  },
};

async function dispatch(
  c: HonoContext<Env>,
  routes: readonly OciRoute[],
  rootRoutes: readonly OciRootRoute[],
): Promise<Response> {
  const path = decodePath(c.req.path).replace(/^\/v2\/?/, '');
  const ofRoot = rootRoutes.filter((route) => route.path === path);
  if (ofRoot.length > 0) {
    c.set('route', `/v2/${path}`);
    const route = await refuseCredentialsFirst(c, () => pickMethod(c, ofRoot, path === '' ? ['HEAD'] : []));
    if (path === '_catalog') setChallengeScope(c, catalogScope);
    return answerWithAccess(c, route.access, async () => route.handle(c));
  }
  for (const [kind, pattern, shown] of kinds) {
    const match = pattern.exec(path);
    if (!match) continue;
    const [, name = '', identifier = ''] = match;
    c.set('route', `/v2/{name}${shown}`);
    const ofKind = routes.filter((candidate) => candidate.kind === kind);
    const [route, repository] = await refuseCredentialsFirst(c, () => [
      pickMethod(c, ofKind),
      parseRepository(name),
    ]);
    return handle(c, route, repository, identifier);
  }
  await actorOf(c).caller();
  throw new RegistryError('route.notFound', `There is nothing at ${c.req.path}.`);
}

/**
 * Reads a request. Wrong credentials are refused before its faults are reported, whatever the path is; a request
 * without faults is checked with the right that it needs.
 */
async function refuseCredentialsFirst<T>(c: HonoContext<Env>, read: () => T): Promise<T> {
  try {
    return read();
  } catch (error) {
    await actorOf(c).caller();
    throw error;
  }
}

/**
 * Picks the route of the request's method.
 * @param alsoNamed further methods that a refusal names
 * @throws {RegistryError} `route.methodNotAllowed`
 */
function pickMethod<Route extends OciRoute | OciRootRoute>(
  c: HonoContext<Env>,
  routes: readonly Route[],
  alsoNamed: readonly string[] = [],
): Route {
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  const route = routes.find((candidate) => candidate.method === method);
  if (route) return route;
  const methods = routes.map((candidate) => candidate.method);
  throw methodNotAllowedError(c, [...methods, ...alsoNamed]);
}

async function handle(
  c: HonoContext<Env>,
  route: OciRoute,
  repository: RepositoryRef,
  identifier: string,
): Promise<Response> {
  if ('right' in route.access) setChallengeScope(c, scopesFor(c, route.access.right, repository));
  const nameOf = () => ({ space: repository.space, chart: repository.name });
  return answerWithAccess(c, route.access, async () => route.handle(c, { repository, identifier }), nameOf);
}

/** Writes the scopes that a request needs. A mount reads the repository that it names too. */
function scopesFor(c: HonoContext<Env>, right: SpaceRight, { full }: RepositoryRef): string {
  const scope = writeScope(full, actionsForRight(right));
  const { mount, from } = c.req.query();
  const isMount = mount !== undefined && from !== undefined && isRepositoryName(from);
  return isMount ? `${scope} ${writeScope(from, actionsForRight('chart.read'))}` : scope;
}

function setChallengeScope(c: HonoContext<Env>, scope: string): void {
  const challenge = c.get('challenge');
  if (challenge) c.set('challenge', { ...challenge, scope });
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new RegistryError('request.invalid', 'The path is not percent-encoded as it should be.');
  }
}

function methodNotAllowedError(c: HonoContext<Env>, methods: readonly string[]): RegistryError {
  c.header('Allow', methods.join(', '));
  return new RegistryError(
    'route.methodNotAllowed',
    `${c.req.path} takes ${methods.join(', ')}, not ${c.req.method}.`,
  );
}
