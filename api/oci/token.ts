import type { Context as HonoContext } from 'hono';
import { createActor } from '../../core/access/actor.ts';
import { grantScopes } from '../../core/access/grant-scopes.ts';
import { identify } from '../../core/access/identify.ts';
import { toGrantedScopes, writeScopes } from '../../core/access/registry-scopes.ts';
import type { Context } from '../../core/context.ts';
import { actorOf, type RouteAccess } from '../access/route-access.ts';
import type { Env } from '../http/env.ts';
import type { OciRootRoute } from './route.ts';
import { readTokenForm, readTokenQuery, type TokenRequest } from './token-request.ts';

const access: RouteAccess = { anyone: 'a registry token allows what its caller may do, which may be nothing' };

/** Routes of the token endpoint, where clients exchange credentials for a registry token. */
export function tokenRoutes(context: Context): OciRootRoute[] {
  return [
    { method: 'GET', path: 'token', access, handle: (c) => issueToken(c, context, readTokenQuery(c)) },
    {
      method: 'POST',
      path: 'token',
      access,
      handle: async (c) => issueToken(c, context, await readTokenForm(c)),
    },
  ];
}

/** Issues a token, also to anonymous callers, who may pull what is public. Wrong credentials are refused. */
async function issueToken(
  c: HonoContext<Env>,
  { access: rights, registryTokens }: Context,
  { presented, asked }: TokenRequest,
): Promise<Response> {
  // A registry token is no credential here: nobody may stay logged in by exchanging one for the next.
  const actor = createActor(rights, () => identify(rights, presented), actorOf(c).request);
  const scopes = await grantScopes(actor, asked);
  const caller = await actor.caller();
  const { text, issuedAt, expiresIn } = await registryTokens.issue({
    ...(caller.kind === 'principal' ? { principalId: caller.principal.id } : {}),
    ...(caller.kind === 'principal' && caller.tokenId !== undefined ? { tokenId: caller.tokenId } : {}),
    scopes: toGrantedScopes(scopes),
  });
  const answer = {
    token: text,
    access_token: text,
    token_type: 'Bearer',
    expires_in: expiresIn,
    issued_at: issuedAt.toISOString(),
    scope: writeScopes(scopes).join(' '),
  };
  return c.json(answer, 200, { 'Cache-Control': 'no-store' });
}
