import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { answerWithAccess } from '../access/answer-with-access.ts';
import { declareAccess } from '../access/declared-routes.ts';
import type { RouteAccess } from '../access/route-access.ts';
import type { App, Env } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { sendFile, sendIndex, sendNamedFile } from '../http/repository-files.ts';
import { chartmuseumErrorResponse } from './error-response.ts';
import { infoRoutes } from './info.ts';
import { readRoutes } from './read.ts';
import type { ChartMuseumRoute } from './route.ts';
import { otherMuseumError } from './shapes.ts';
import { writeRoutes } from './write.ts';

/**
 * Mounts ChartMuseum's interface below `/api/SPACE`. For the root space it is also mounted at the paths of a
 * ChartMuseum without tenants. Errors have the format of that interface.
 */
export function mountChartMuseum(app: App, context: Context): void {
  const { config, log } = context;
  const answerError = (c: HonoContext<Env>, thrown: unknown) => chartmuseumErrorResponse(c, log, thrown);
  const serve = (path: string, route: ChartMuseumRoute, spaceOf: (c: HonoContext<Env>) => string) => {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const params = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
    const { query = noInput, body, handle, ...described } = route;
    const responses = { default: otherMuseumError, ...route.responses };
    mountRoute(
      app,
      {
        ...{ ...described, responses, path, tags: ['ChartMuseum'] },
        request: { params, query, ...(body ? { body: { required: true, ...body } } : {}) },
      },
      (c) => {
        const { chart = '', version = '' } = c.req.param();
        return handle(c, { space: spaceOf(c), chart, version });
      },
      {
        answerError,
        nameOf: (c) => ({ space: spaceOf(c), chart: c.req.param('chart') }),
      },
    );
  };
  const routes = [...readRoutes(context), ...writeRoutes(context)];
  for (const route of infoRoutes()) serve(route.path, route, () => '');
  // The root space is mounted first: there `/api/charts/charts` means a chart named `charts`.
  if (config.rootSpace !== '') {
    for (const route of routes) {
      const operationId = `${route.operationId}OfRootSpace`;
      serve(`/api${route.path}`, { ...route, operationId }, () => config.rootSpace);
    }
    mountRoot(app, context, answerError);
  }
  const reserved = new Set(config.rootSpace === '' ? ['v1'] : ['v1', 'charts']);
  for (const route of routes) serve(`/api/{space}${route.path}`, route, (c) => spaceBelowApi(c, reserved));
}

/** Mounts the root space as a chart repository at `/`. */
function mountRoot(
  app: App,
  context: Context,
  answerError: (c: HonoContext<Env>, thrown: unknown) => Response,
): void {
  const { rootSpace } = context.config;
  const mount = (path: string, answer: (c: HonoContext<Env>) => Promise<Response>) => {
    const access: RouteAccess = {
      right: 'chart.read',
      ...(path === '/charts/:file' ? { chart: 'later' } : {}),
    };
    const handle = async (c: HonoContext<Env>) => {
      try {
        const nameOf = () => ({ space: rootSpace, chart: c.req.param('chart') });
        return await answerWithAccess(c, access, () => answer(c), nameOf);
      } catch (error) {
        return answerError(c, error);
      }
    };
    app.get(path, declareAccess(handle, access));
  };
  mount('/index.yaml', (c) => sendIndex(c, context, rootSpace));
  mount('/charts/:file', (c) => sendFile(c, context, rootSpace, c.req.param('file') ?? ''));
  mount('/charts/:chart/:version/:file', (c) => {
    const { chart = '', version = '', file = '' } = c.req.param();
    return sendNamedFile(c, context, { space: rootSpace, chart, version, file });
  });
}

/**
 * Reads the space from the path and refuses names that this interface cannot serve. `/api/v1` is version 1 of the
 * registry's own interface. `/api/charts` has the charts of the root space, if one is set.
 */
function spaceBelowApi(c: HonoContext<Env>, reserved: ReadonlySet<string>): string {
  const space = c.req.param('space') ?? '';
  if (!reserved.has(space)) return space;
  throw new RegistryError('route.notFound', `There is nothing at ${c.req.path}. /docs lists what there is.`);
}
