import { type RouteConfig, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { RegistryError } from '../../core/errors.ts';
import { boundText } from '../../core/runtime/bound-text.ts';
import { suggestName } from '../../core/runtime/nearest-name.ts';
import { answerWithAccess } from '../access/answer-with-access.ts';
import { declareAccess } from '../access/declared-routes.ts';
import type { RequestedPlace, RouteAccess } from '../access/route-access.ts';
import { withSuggestionsHidden } from '../access/with-suggestions-hidden.ts';
import { describeRoute, type RouteDescription } from '../openapi/describe-route.ts';
import type { App, Env } from './env.ts';

/** Schema of a route without path parameters, or without a query. */
export const noInput = z.object({});

/** Route: one method of one path, with its description for `/openapi.json`. */
export type Route<Params extends z.ZodObject, Query extends z.ZodObject> = Omit<RouteConfig, 'request'> &
  RouteDescription & {
    /** Right that a request needs. */
    access: RouteAccess;
    request: { params: Params; query: Query } & Pick<NonNullable<RouteConfig['request']>, 'body' | 'headers'>;
  };

/** Path parameters and query as the route's schemas parse them. */
export interface Input<Params extends z.ZodObject, Query extends z.ZodObject> {
  params: z.output<Params>;
  query: z.output<Query>;
}

/**
 * Mounts a route and adds it to `/openapi.json`, from one definition. Handlers read bodies themselves: uploads are
 * streamed, and recipes are parsed within limits that no general parser has.
 * @param options.answerError answers errors in another format than that of version 1
 * @param options.nameOf names space and chart of a request; by default its path parameters do
 */
export function mountRoute<Params extends z.ZodObject, Query extends z.ZodObject>(
  app: App,
  route: Route<Params, Query>,
  handler: (c: Context<Env>, input: Input<Params, Query>) => Response | Promise<Response>,
  { answerError, nameOf }: RouteOptions = {},
): void {
  const { access, ...described } = route;
  app.openAPIRegistry.registerPath(describeRoute(described, access));
  const answerAllowed = async (c: Context<Env>) => {
    if (route.path.startsWith(strictQueryPrefix)) checkQueryNames(c, route);
    return withSuggestionsHidden(c, async () =>
      handler(c, {
        params: parseInput(route.request.params, c.req.param()),
        query: parseInput(route.request.query, queryOf(c)),
      }),
    );
  };
  const answer = (c: Context<Env>) => answerWithAccess(c, access, () => answerAllowed(c), nameOf);
  const guardedAnswer =
    answerError &&
    (async (c: Context<Env>) => {
      try {
        return await answer(c);
      } catch (error) {
        return answerError(c, error);
      }
    });
  const handle = declareAccess(guardedAnswer ?? answer, access);
  app.on(route.method.toUpperCase(), honoPath(route.path), handle);
}

/** Options of a route. */
export interface RouteOptions {
  answerError?: (c: Context<Env>, thrown: unknown) => Response;
  nameOf?: (c: Context<Env>) => RequestedPlace;
}

/**
 * Writes a path as Hono does: `/spaces/:space` for `/spaces/{space}`. A last parameter `{path}` takes all that follows,
 * slashes included.
 */
export function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1').replace(/:path$/, ':path{[^]+}');
}

/** Path below which unknown query parameters are refused: with a misspelt `dryRun` the request would really write. */
const strictQueryPrefix = '/api/v1/';

/** Query parameters that every read accepts: clients of the original registry send them where nothing is listed. */
const pagingNames = ['start', 'limit'];

/**
 * Checks the names of the query parameters.
 * @throws {RegistryError} `request.invalid` for a parameter that is unknown or given twice
 */
function checkQueryNames(c: Context<Env>, route: Route<z.ZodObject, z.ZodObject>): void {
  const names = Object.keys(route.request.query.shape);
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
  for (const [name, values] of Object.entries(c.req.queries())) {
    const isKnown = names.includes(name) || (isRead && pagingNames.includes(name));
    const fault = !isKnown
      ? `there is no such query parameter here. ${suggestName(name, names)}`
      : values.length > 1 && 'the query parameter is given more than once. Give it once.';
    if (fault) throw invalidParameter(name, fault);
  }
}

/**
 * Returns the query of a read without empty parameters, for `?state=` filters by nothing. A write keeps them:
 * `?dryRun` must not count as no `dryRun`.
 */
function queryOf(c: Context<Env>): Record<string, string> {
  const query = c.req.query();
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return query;
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}

function invalidParameter(name: string, fault: string): RegistryError {
  const shown = boundText(name, 60);
  return new RegistryError('request.invalid', `${shown}: ${fault}`, { parameter: shown });
}

/**
 * Parses parameters by a schema.
 * @throws {RegistryError} `request.invalid` that names the parameter
 */
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
