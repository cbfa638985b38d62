import type { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import type { RouteAccess } from '../access/route-access.ts';
import type { Env } from '../http/env.ts';
import type { Route } from '../http/mount-routes.ts';
import type { RouteDescription } from '../openapi/describe-route.ts';

/** Space, chart and version of a request. Parts that the path of the request lacks are empty. */
export interface ChartMuseumInput {
  space: string;
  chart: string;
  version: string;
}

/** Route: one method of one path below `/api/{space}`. */
export interface ChartMuseumRoute extends RouteDescription {
  method: 'get' | 'post' | 'delete';
  path: `/${string}`;
  access: RouteAccess;
  query?: z.ZodObject;
  body?: NonNullable<Route<z.ZodObject, z.ZodObject>['request']['body']>;
  responses: Route<z.ZodObject, z.ZodObject>['responses'];
  handle: (c: HonoContext<Env>, input: ChartMuseumInput) => Response | Promise<Response>;
}
