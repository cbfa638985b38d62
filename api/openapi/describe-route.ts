import type { RouteConfig, z } from '@hono/zod-openapi';
import type { RouteAccess } from '../access/route-access.ts';
import { otherErrorResponse } from '../schemas.ts';
import { refsToHeaders } from './headers.ts';
import { pathParametersOf } from './path-parameters.ts';
import { securityOf } from './security.ts';

/** Description that every route has: a name for generated clients, and words for readers. */
export interface RouteDescription {
  /** Verb and noun, unique among all routes: `listSpaces`. Generated clients name a function by it. */
  operationId: string;
  summary: string;
  description: string;
  /** Query to describe, where old clients may send more. */
  describedQuery?: z.ZodObject;
}

/**
 * Completes the description of a route with what all routes have. All have credentials, path parameters, further
 * errors and request ids.
 */
export function describeRoute(route: RouteConfig & RouteDescription, access: RouteAccess): RouteConfig {
  const responses = Object.entries({ default: otherErrorResponse, ...route.responses });
  const { describedQuery, ...config } = route;
  const { params: _, query, ...request } = config.request ?? {};
  return {
    ...config,
    security: securityOf(access),
    parameters: pathParametersOf(route.path),
    request: { ...request, query: describedQuery ?? query },
    responses: Object.fromEntries(responses.map(([status, response]) => [status, withRequestId(response)])),
  };
}

type Response = RouteConfig['responses'][string];

function withRequestId(response: Response): Response {
  if ('$ref' in response) return response;
  return { ...response, headers: { ...response.headers, ...refsToHeaders(['X-Request-Id']) } };
}
