import type { Context as HonoContext } from 'hono';
import { invalidCredentialsError } from '../../core/access/access.ts';
import { type Actor, createActor } from '../../core/access/actor.ts';
import { identify } from '../../core/access/identify.ts';
import { type Caller, scopesOfCaller } from '../../core/access/principal.ts';
import { type RegistryScopes, toScopeClaims, writeScopes } from '../../core/access/registry-scopes.ts';
import type { RegistryTokenClaims } from '../../core/access/registry-tokens.ts';
import type { Context } from '../../core/context.ts';
import { grantScopes } from '../../core/oci/grant-scopes.ts';
import { networkOf } from '../../core/runtime/addresses.ts';
import { clientAddress } from '../access/client-address.ts';
import { actorOf, type RouteAccess } from '../access/route-access.ts';
import type { Env } from '../http/env.ts';
import type { OciRootRoute } from './route.ts';
import { readTokenForm, readTokenQuery } from './token-request.ts';

const tokenRouteAccess: RouteAccess = {
  anyone: 'a registry token allows what its caller may do, which may be nothing',
};

/** Routes of the token endpoint, where clients exchange credentials for a registry token. */
export function tokenRoutes({ access }: Pick<Context, 'access'>): OciRootRoute[] {
  const route = { path: 'token', access: tokenRouteAccess } as const;

  async function issueByHeader(c: HonoContext<Env>): Promise<Response> {
    return issue(c, actorOf(c), readTokenQuery(c));
  }

  async function issueByForm(c: HonoContext<Env>): Promise<Response> {
    const { user, password, requestedScopes } = await readTokenForm(c);
    const presented = { kind: 'basic', user, password } as const;
    return issue(
      c,
      createActor(
        access,
        (readRevision) => identify(access, presented, { network: networkOf(clientAddress(c)), readRevision }),
        actorOf(c).request,
      ),
      requestedScopes,
    );
  }

  /** Issues a token, also to anonymous callers, who may pull what is public. Wrong credentials are refused. */
  async function issue(
    c: HonoContext<Env>,
    actor: Actor,
    requestedScopes: RegistryScopes,
  ): Promise<Response> {
    const caller = await actor.caller();
    if (!mayExchange(caller)) throw invalidCredentialsError();
    const scopes = await grantScopes(actor, requestedScopes);
    const { text, issuedAt, expiresInSeconds } = await access.registryTokens.issue({
      ...credentialIdsOf(caller),
      ...toScopeClaims(scopes),
    });
    const answer = {
      token: text,
      access_token: text,
      token_type: 'Bearer',
      expires_in: expiresInSeconds,
      issued_at: issuedAt.toISOString(),
      scope: writeScopes(scopes).join(' '),
    };
    return c.json(answer, 200, { 'Cache-Control': 'no-store' });
  }

  return [
    { ...route, method: 'GET', handle: issueByHeader },
    { ...route, method: 'POST', handle: issueByForm },
  ];
}

/**
 * Whether a caller may have a registry token. Nobody may stay logged in by exchanging one for the next, and one that came
 * of a browser's session would outlast the log-out.
 */
function mayExchange(caller: Caller): boolean {
  if (scopesOfCaller(caller)) return false;
  return caller.kind !== 'principal' || caller.credential !== 'session';
}

/** Returns what a registry token ends with: the principal, and the token or the proof by which it is known. */
function credentialIdsOf(caller: Caller): Pick<RegistryTokenClaims, 'principalId' | 'tokenId' | 'proof'> {
  if (caller.kind !== 'principal') return {};
  const { principal, tokenId, proof } = caller;
  return {
    principalId: principal.id,
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(proof === undefined ? {} : { proof }),
  };
}
