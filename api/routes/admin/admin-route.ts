import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import type { AdminDeps } from '../../../core/access/admin/admin.ts';
import type { TokenPolicy } from '../../../core/access/admin/tokens.ts';
import type { Context } from '../../../core/context.ts';
import { RegistryError } from '../../../core/errors.ts';
import { actorOf } from '../../access/route-access.ts';
import { readJsonBody } from '../../http/body.ts';
import type { App, Env } from '../../http/env.ts';
import { type Input, mountRoute, type Route } from '../../http/mount-routes.ts';
import { findUnknownKey } from '../../http/unknown-key.ts';
import { describeErrors, describeResponse, pageMetadata } from '../../schemas.ts';

/** Dependencies of the use cases of administration, with the sender of the request as their actor. */
export type AdminRouteDeps = AdminDeps & { policy: TokenPolicy };

type AdminHandler<Params extends z.ZodObject, Query extends z.ZodObject> = (
  c: HonoContext<Env>,
  deps: AdminRouteDeps,
  input: Input<Params, Query>,
) => Promise<Response>;

/** Mounts a route of administration. No cache keeps its answers: some have secrets, and all are about persons. */
export function mountAdminRoute<Params extends z.ZodObject, Query extends z.ZodObject>(
  app: App,
  { registry: { db }, config }: Context,
  route: Route<Params, Query>,
  handler: AdminHandler<Params, Query>,
): void {
  const policy = { maxDays: config.tokenMaxDays };
  mountRoute(app, route, (c, input) => {
    c.header('Cache-Control', 'no-store');
    return handler(c, { db, actor: actorOf(c), policy }, input);
  });
}

/** Maximum bytes of a body: it is parsed on the event loop, and has a few short keys. */
const maxBytes = 64 * 1024;

/**
 * Reads a JSON body by its schema.
 * @throws {RegistryError} `request.invalid` with the pointer of the value at fault, which is not shown: it may be a
 *   password; as `readJsonBody`
 */
export async function readBody<Schema extends z.ZodObject>(
  c: HonoContext<Env>,
  schema: Schema,
): Promise<z.output<Schema>> {
  return parseBody(schema, await readJsonBody(c, maxBytes));
}

/** Parses a body by its schema. @throws {RegistryError} `request.invalid` as `readBody` */
export function parseBody<Schema extends z.ZodObject>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const unknown = findUnknownKey(schema, parsed.error);
  if (unknown) throw unknown;
  const issue = parsed.error.issues[0];
  const path = issue?.path.join('/') ?? '';
  const pointer = path === '' ? '' : `/${path}`;
  throw new RegistryError(
    'request.invalid',
    `${pointer || 'The body'}: ${issue?.message ?? 'not accepted'}.`,
    {
      pointer,
    },
  );
}

/** Describes a JSON body for `/openapi.json`. */
export function describeJsonBody(schema: z.ZodObject) {
  return { required: true, content: { 'application/json': { schema } } };
}

/** Makes the schema of a page of a list. */
export function pageSchemaOf(item: z.ZodType, name: string) {
  return z.object({ metadata: pageMetadata, items: z.array(item) }).openapi(name);
}

/** Describes the response of a creation with the errors that every creation has. */
export function createdResponses(description: string, schema: z.ZodType) {
  return { 201: describeResponse(description, schema), ...describeErrors(400, 401, 403, 404, 409) };
}

/** Describes a response with the errors that every other request has. */
export function okResponses(description: string, schema?: z.ZodType) {
  return {
    [schema ? 200 : 204]: describeResponse(description, schema),
    ...describeErrors(400, 401, 403, 404, 409),
  };
}
