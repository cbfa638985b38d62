import { z } from '@hono/zod-openapi';
import { createToken } from '../../../core/access/admin/create-token.ts';
import { rotateToken } from '../../../core/access/admin/rotate-token.ts';
import { listAllTokens, listTokens, readToken, revokeToken } from '../../../core/access/admin/tokens.ts';
import type { Context } from '../../../core/context.ts';
import { listResponse, toPaging } from '../../http/cached-response.ts';
import type { App } from '../../http/env.ts';
import { noInput } from '../../http/mount-routes.ts';
import { createdResponses, describeJsonBody, mountAdminRoute, okResponses, readBody } from './admin-route.ts';
import { newToken, rotation, shownToken, tokenList, tokenQuery, tokenShape } from './token-shapes.ts';

const tags = ['Tokens'];
const access = { known: 'everybody has tokens, and sees those that they may manage' } as const;
const tokenParams = z.object({ token: z.string() });

/** Mounts the routes of tokens. A caller has its own, and by their id all that it may manage. */
export function mountTokens(app: App, context: Context): void {
  mountOwnTokens(app, context);
  mountToken(app, context);
}

function mountOwnTokens(app: App, context: Context): void {
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path: '/api/v1/tokens',
      access,
      tags,
      operationId: 'listTokens',
      summary: 'List your tokens',
      description: '`of=all` lists the tokens of everybody, for admins.',
      request: { params: noInput, query: tokenQuery.extend({ of: z.enum(['self', 'all']).optional() }) },
      responses: okResponses('Tokens, the newest first.', tokenList),
    },
    async (c, deps, { query: { of, ...query } }) => {
      const paging = toPaging(query);
      const page =
        of === 'all'
          ? await listAllTokens(deps, query, paging)
          : await listTokens(deps, { kind: 'self' }, query, paging);
      return listResponse(c, page, paging);
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'post',
      path: '/api/v1/tokens',
      access,
      tags,
      operationId: 'createToken',
      summary: 'Create a token',
      description:
        'Its text is shown this once. A token that makes another one gives it no wider bounds and no later end than its own.',
      request: { params: noInput, query: noInput, body: describeJsonBody(newToken) },
      responses: createdResponses('The token with its text.', shownToken),
    },
    async (c, deps) => c.json(await createToken(deps, { kind: 'self' }, await readBody(c, newToken)), 201),
  );
}

function mountToken(app: App, context: Context): void {
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path: '/api/v1/tokens/{token}',
      access,
      tags,
      operationId: 'getToken',
      summary: 'Look at a token',
      description: 'Its bounds and its end, without its secret.',
      request: { params: tokenParams, query: noInput },
      responses: okResponses('The token without its secret.', tokenShape),
    },
    async (c, deps, { params }) => c.json(await readToken(deps, params.token)),
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'delete',
      path: '/api/v1/tokens/{token}',
      access,
      tags,
      operationId: 'revokeToken',
      summary: 'Revoke a token, and those that were made with it',
      description: 'Requests with it are refused from then on.',
      request: { params: tokenParams, query: noInput },
      responses: okResponses('Revoked: it counts with the next request.'),
    },
    async (c, deps, { params }) => {
      await revokeToken(deps, params.token);
      return c.body(null, 204);
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'post',
      path: '/api/v1/tokens/{token}/rotate',
      access,
      tags,
      operationId: 'rotateToken',
      summary: 'Give a token a new secret and a new end',
      description:
        'A token rotates itself and those made with it, which keep their end. Rotated by a person, it has a new end, no later than that of the token that made it, and what it has made ends then at the latest.',
      request: { params: tokenParams, query: noInput, body: describeJsonBody(rotation) },
      responses: okResponses('The token with its new text, which is shown this once.', shownToken),
    },
    async (c, deps, { params }) => c.json(await rotateToken(deps, params.token, await readBody(c, rotation))),
  );
}
