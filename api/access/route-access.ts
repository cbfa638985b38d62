import type { Context as HonoContext, MiddlewareHandler } from 'hono';
import type { Access } from '../../core/access/access.ts';
import {
  type Actor,
  createActor,
  createOpenActor,
  type ReadRevision,
  type RequestFacts,
  type RightPlace,
} from '../../core/access/actor.ts';
import { identify } from '../../core/access/identify.ts';
import type { RegistryRight, SpaceRight } from '../../core/access/rights.ts';
import type { AuditQueue } from '../../core/audit/queue.ts';
import { createRefusalRecord } from '../../core/audit/refused.ts';
import { networkOf } from '../../core/runtime/addresses.ts';
import type { Env } from '../http/env.ts';
import { requestHeader } from '../http/node-headers.ts';
import { callerName } from './caller-name.ts';
import { clientAddress, registryBaseUrl } from './client-address.ts';
import { type CredentialHeaders, readCredentials } from './credentials.ts';
import { checkSentByOwnPage } from './own-origin.ts';

/** Right that a route needs. Every route of every door names one, or says why it needs none. */
export type RouteAccess =
  /** A right in the space of the path, for its chart if it has one; `later` where only the handler can tell the chart. */
  | { right: SpaceRight; chart?: 'later' }
  /** A right that the handler checks, or by which it filters: what it is about is known only there. */
  | { right: SpaceRight; checkedBy: 'handler' }
  | { registryRight: RegistryRight }
  /** No right, but credentials: callers see and change only what is theirs. The text says what that is. */
  | { known: string }
  /** No right, for the reason that is given. */
  | { anyone: string };

/** Space and chart that the path of a request names. */
export type RequestedPlace = RightPlace;

/** Returns who sent a request. */
export function actorOf(c: HonoContext<Env>): Actor {
  return c.get('actor');
}

/** Returns dependencies of use cases with the sender of the request as their actor. */
export function withActor<Deps extends { actor: Actor }>(c: HonoContext<Env>, deps: Deps): Deps {
  return { ...deps, actor: actorOf(c) };
}

/** Creates the middleware that makes each request's actor. The middleware also records requests that are refused. */
export function createActorMiddleware({
  access,
  audit,
}: {
  access: Access;
  audit: AuditQueue;
}): MiddlewareHandler<Env> {
  return async (c, next) => {
    const facts = factsOf(c);
    const firstLook = c.env?.firstLook;
    const presented = async (readRevision: ReadRevision) => {
      const credentials = readCredentials(headersOf(c), () => registryBaseUrl(c));
      if (credentials.kind === 'session') checkSentByOwnPage(c);
      // Credentials are checked once, so that wrong ones count once.
      const caller = await (firstLook?.caller ??
        identify(access, credentials, {
          network: networkOf(clientAddress(c)),
          readRevision,
          acceptsRegistryTokens: facts.door === 'oci',
        }));
      const name = callerName(caller);
      if (name !== undefined) c.set('principal', name);
      return caller;
    };
    const actor = access.guarded ? createActor(access, presented, facts, firstLook) : createOpenActor(facts);
    c.set('actor', actor);
    await next();
    const error = c.get('error');
    const refused = error && (await createRefusalRecord(actor, error));
    if (refused) audit.add(refused);
  };
}

function headersOf(c: HonoContext<Env>): CredentialHeaders {
  return {
    authorization: c.req.header('authorization'),
    cookie: c.req.header('cookie'),
  };
}

function factsOf(c: HonoContext<Env>): RequestFacts {
  const agent = requestHeader(c, 'user-agent');
  return {
    door: doorOf(c.req.path),
    requestId: c.get('requestId'),
    address: clientAddress(c),
    ...(agent === undefined ? {} : { agent }),
  };
}

/** Returns the door that a path belongs to: OCI, API, ChartMuseum or repository. */
export function doorOf(path: string): RequestFacts['door'] {
  if (/^\/v2(?:\/|$)/.test(path)) return 'oci';
  if (/^\/(?:api\/v1(?:\/.*)?|login(?:\/oidc|\/callback)?|logout)$/.test(path)) return 'api';
  return path.startsWith('/api/') ? 'chartmuseum' : 'repository';
}

/**
 * Refuses a wrong `Authorization`, but not the cookie of an ended session. The browser comes for a new one, and what
 * it needs for that is the same for all.
 * @throws {RegistryError} `access.unauthenticated`
 */
export async function checkAuthorizationHeader(c: HonoContext<Env>): Promise<void> {
  if (c.req.header('authorization') !== undefined) await actorOf(c).caller();
}
