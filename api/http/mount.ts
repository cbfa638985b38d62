import type { HttpBindings } from '@hono/node-server';
import { type OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { RegistryError } from '../../core/errors.ts';
import type { ReadReady } from './answers.ts';

export interface Env {
  Variables: {
    requestId: string;
    /** The job that the request has made, or was told of, for the log. */
    job?: string;
  };
  Bindings: Partial<HttpBindings> & {
    /** Remembers what to read when the request comes again. */
    noteRead?: (read: ReadReady) => void;
    /** Counts a body until its client has it. */
    holdBody?: (body: Uint8Array) => void;
  };
}
export type App = OpenAPIHono<Env>;

/** For routes without path parameters, or without a query. */
export const nothing = z.object({});

/** One method of one path: what is served, and what `/openapi.json` says of it. */
export type Route<Params extends z.ZodObject, Query extends z.ZodObject> = Omit<RouteConfig, 'request'> & {
  request: { params: Params; query: Query } & Pick<NonNullable<RouteConfig['request']>, 'body' | 'headers'>;
};

/** What a route's own schemas make of the path and the query. */
export interface Input<Params extends z.ZodObject, Query extends z.ZodObject> {
  params: z.output<Params>;
  query: z.output<Query>;
}

/**
 * Serves a route and describes it, from one definition. Bodies are read by the handlers: uploads are streamed, and
 * recipes are parsed with bounds that no general parser has.
 * @param answerError for an interface with errors in a format of its own
 */
export function mount<Params extends z.ZodObject, Query extends z.ZodObject>(
  app: App,
  route: Route<Params, Query>,
  handler: (c: Context<Env>, input: Input<Params, Query>) => Response | Promise<Response>,
  answerError?: (c: Context<Env>, thrown: unknown) => Response,
): void {
  app.openAPIRegistry.registerPath(route);
  const answer = (c: Context<Env>) =>
    handler(c, {
      params: parseInput(route.request.params, c.req.param()),
      query: parseInput(route.request.query, givenOf(c.req.query())),
    });
  const guarded =
    answerError &&
    (async (c: Context<Env>) => {
      try {
        return await answer(c);
      } catch (error) {
        return answerError(c, error);
      }
    });
  app.on(route.method.toUpperCase(), honoPath(route.path), guarded ?? answer);
}

/** `/spaces/{space}` as Hono writes it. */
export function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

// `?state=` says as little as no `state` at all.
function givenOf(query: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}

/** @throws {RegistryError} `request.invalid` that names the parameter */
export function parseInput<Schema extends z.ZodObject>(
  schema: Schema,
  raw: Record<string, unknown>,
): z.output<Schema> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = issue?.path.join('.') ?? '';
  throw new RegistryError('request.invalid', `${name}: ${issue?.message ?? 'not accepted'}`, {
    parameter: name,
  });
}
