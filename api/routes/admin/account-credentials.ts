import { z } from '@hono/zod-openapi';
import { createToken } from '../../../core/access/admin/create-token.ts';
import { listTokens } from '../../../core/access/admin/tokens.ts';
import { createTrustRule, deleteTrustRule, listTrustRules } from '../../../core/access/admin/trust-rules.ts';
import type { Context } from '../../../core/context.ts';
import { listResponse, toPaging } from '../../http/cached-response.ts';
import type { App } from '../../http/env.ts';
import { noInput } from '../../http/mount-routes.ts';
import { pageQuery } from '../../schemas.ts';
import type { AccountPlace } from './account-places.ts';
import {
  createdResponses,
  describeJsonBody,
  mountAdminRoute,
  okResponses,
  pageSchemaOf,
  readBody,
} from './admin-route.ts';
import { newToken, shownToken, tokenList, tokenQuery } from './token-shapes.ts';

const tags = ['Service accounts'];
const claims = z.record(z.string(), z.string());
const trustRule = z
  .object({
    id: z.uuid(),
    issuer: z.string(),
    audience: z.string(),
    claims,
    createdAt: z.iso.datetime(),
  })
  .openapi('TrustRule');
const trustRuleList = pageSchemaOf(trustRule, 'TrustRuleList');
const newTrustRule = z.strictObject({ issuer: z.string(), audience: z.string(), claims });

/** Mounts the routes of a service account's tokens and trust rules. */
export function mountAccountCredentials(app: App, context: Context, place: AccountPlace): void {
  mountAccountTokens(app, context, place);
  mountTrustRules(app, context, place);
}

function mountAccountTokens(app: App, context: Context, place: AccountPlace): void {
  const path = `${place.path}/{account}/tokens`;
  const params = place.params.extend({ account: z.string() });
  const { access } = place;
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path,
      access,
      tags,
      operationId: `list${place.shapes}Tokens`,
      summary: `List the tokens of a service account of ${place.of}`,
      description: 'Without their secrets.',
      request: { params, query: tokenQuery },
      responses: okResponses(
        'Tokens, the newest first. By their id they are rotated and revoked.',
        tokenList,
      ),
    },
    async (c, deps, { params, query }) => {
      const paging = toPaging(query);
      const owner = { kind: 'account', ...place.refOf(params) } as const;
      return listResponse(c, await listTokens(deps, owner, query, paging), paging);
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'post',
      path,
      access,
      tags,
      operationId: `create${place.shapes}Token`,
      summary: `Create a token of a service account of ${place.of}`,
      description: 'Its text is shown this once.',
      request: { params, query: noInput, body: describeJsonBody(newToken) },
      responses: createdResponses('The token with its text.', shownToken),
    },
    async (c, deps, { params }) => {
      const owner = { kind: 'account', ...place.refOf(params) } as const;
      return c.json(await createToken(deps, owner, await readBody(c, newToken)), 201);
    },
  );
}

function mountTrustRules(app: App, context: Context, place: AccountPlace): void {
  const path = `${place.path}/{account}/trust-rules`;
  const params = place.params.extend({ account: z.string() });
  const { access } = place;
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path,
      access,
      tags,
      operationId: `list${place.shapes}TrustRules`,
      summary: `List the trust rules of a service account of ${place.of}`,
      description: 'Rules by which workloads of a provider act as the account.',
      request: { params, query: pageQuery },
      responses: okResponses('Rules, the oldest first.', trustRuleList),
    },
    async (c, deps, { params, query }) => {
      const paging = toPaging(query);
      return listResponse(c, await listTrustRules(deps, place.refOf(params), paging), paging);
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'post',
      path,
      access,
      tags,
      operationId: `create${place.shapes}TrustRule`,
      summary: `Trust workloads of a provider with a service account of ${place.of}`,
      description:
        'A token of `issuer` for `audience` acts as the account if it has all `claims` with exactly these values. Choose ' +
        'claims that nobody else can get, such as the id of a repository together with a branch.',
      request: { params, query: noInput, body: describeJsonBody(newTrustRule) },
      responses: createdResponses('The rule.', trustRule),
    },
    async (c, deps, { params }) =>
      c.json(await createTrustRule(deps, place.refOf(params), await readBody(c, newTrustRule)), 201),
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'delete',
      path: `${path}/{rule}`,
      access,
      tags,
      operationId: `delete${place.shapes}TrustRule`,
      summary: `Delete a trust rule of a service account of ${place.of}`,
      description: 'Workloads that it named are refused from then on.',
      request: { params: params.extend({ rule: z.string() }), query: noInput },
      responses: okResponses('Deleted.'),
    },
    async (c, deps, { params }) => {
      await deleteTrustRule(deps, place.refOf(params), String(params.rule));
      return c.body(null, 204);
    },
  );
}
