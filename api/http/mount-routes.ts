import { type RouteConfig, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { RegistryError } from '../../core/errors.ts';
import { boundText } from '../../core/runtime/bound-text.ts';
import { suggestName } from '../../core/runtime/nearest-name.ts';
import type { App, Env } from './env.ts';

/** For routes without path parameters, or without a query. */
export const noInput = z.object({});

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
export function mountRoute<Params extends z.ZodObject, Query extends z.ZodObject>(
  app: App,
  route: Route<Params, Query>,
  handler: (c: Context<Env>, input: Input<Params, Query>) => Response | Promise<Response>,
  answerError?: (c: Context<Env>, thrown: unknown) => Response,
): void {
  app.openAPIRegistry.registerPath(route);
  const answer = (c: Context<Env>) => {
    if (route.path.startsWith(strictRoot)) checkQueryNames(c, route);
    return handler(c, {
      params: parseInput(route.request.params, c.req.param()),
      query: parseInput(route.request.query, queryOf(c)),
    });
  };
  const guardedAnswer =
    answerError &&
    (async (c: Context<Env>) => {
      try {
        return await answer(c);
      } catch (error) {
        return answerError(c, error);
      }
    });
  app.on(route.method.toUpperCase(), honoPath(route.path), guardedAnswer ?? answer);
}

/** `/spaces/{space}` as Hono writes it. */
export function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** Routes below refuse parameters that they do not know: there, a misspelt switch would do the real thing. */
const strictRoot = '/api/v1/';

/** Parameters that every route takes: clients of the original registry send them where nothing is listed, too. */
const pagingNames = ['start', 'limit'];

/** @throws {RegistryError} `request.invalid` for a query parameter that is not known, or is given twice */
function checkQueryNames(c: Context<Env>, route: Route<z.ZodObject, z.ZodObject>): void {
  const names = Object.keys(route.request.query.shape);
  for (const [name, values] of Object.entries(c.req.queries())) {
    const isKnown = names.includes(name) || pagingNames.includes(name);
    const fault = !isKnown
      ? `there is no such query parameter here. ${suggestName(name, names)}`
      : values.length > 1 && 'the query parameter is given more than once. Give it once.';
    if (fault) throw invalidParameter(name, fault);
  }
}

/** The query without empty parameters: `?state=` filters by nothing. A write keeps them, for `?dryRun` is no `dryRun`. */
function queryOf(c: Context<Env>): Record<string, string> {
  const query = c.req.query();
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return query;
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}

function invalidParameter(name: string, fault: string): RegistryError {
  const shown = boundText(name, 60);
  return new RegistryError('request.invalid', `${shown}: ${fault}`, { parameter: shown });
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
  throw invalidParameter(name, issue?.message ?? 'not accepted');
}
