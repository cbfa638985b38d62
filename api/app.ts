import { OpenAPIHono } from '@hono/zod-openapi';
import type { ErrorHandler, Context as HonoContext, MiddlewareHandler } from 'hono';
import type { Context } from '../core/context.ts';
import type { Log } from '../core/runtime/log.ts';
import { assertAccessDeclared, declareAccess } from './access/declared-routes.ts';
import { mountLogin } from './access/login.ts';
import { createActorMiddleware } from './access/route-access.ts';
import { chartmuseumErrorResponse } from './chartmuseum/error-response.ts';
import { mountChartMuseum } from './chartmuseum/mount.ts';
import type { App, Env } from './http/env.ts';
import {
  createErrorHandler,
  createNotFoundHandler,
  errorResponse,
  toRegistryError,
} from './http/error-response.ts';
import { createFullDiskGuard } from './http/full-disk-guard.ts';
import { createRequestLog } from './http/request-log.ts';
import { createSecurityHeaders } from './http/security-headers.ts';
import { ociErrorResponse } from './oci/error-response.ts';
import { mountOci } from './oci/mount.ts';
import { mountAdmin } from './routes/admin/mount.ts';
import { mountAudit } from './routes/audit.ts';
import { mountCharts } from './routes/charts.ts';
import { mountCompare } from './routes/compare.ts';
import { mountCompositions } from './routes/compositions.ts';
import { mountDeleted } from './routes/deleted.ts';
import { mountDetails } from './routes/details.ts';
import { mountDocs } from './routes/docs.ts';
import { mountFiles } from './routes/files.ts';
import { mountFollow } from './routes/follow.ts';
import { mountFollows } from './routes/follows.ts';
import { isApiUsable, isWorkerUsable, mountHealth } from './routes/health.ts';
import { mountIcons } from './routes/icons.ts';
import { mountJobLists } from './routes/job-lists.ts';
import { mountJobs } from './routes/jobs.ts';
import { mountLineage } from './routes/lineage.ts';
import { mountMetadata } from './routes/metadata.ts';
import { mountMetrics, type ReadProcessMetrics } from './routes/metrics.ts';
import { mountMirrors } from './routes/mirrors/mount.ts';
import { mountOutdated } from './routes/outdated.ts';
import { mountPage } from './routes/page.ts';
import { mountProvenance } from './routes/provenance.ts';
import { mountRecompose } from './routes/recompose.ts';
import { mountRepositories } from './routes/repositories.ts';
import { mountRepository, mountRepositoryRoot } from './routes/repository.ts';
import { mountRetention } from './routes/retention/mount.ts';
import { mountSearch } from './routes/search.ts';
import { mountSpaces } from './routes/spaces.ts';
import { mountValues } from './routes/values.ts';
import { mountVersions } from './routes/versions.ts';
import { mountWebhooks } from './routes/webhooks/mount.ts';

/** Creates the HTTP interface of a context: every route, and the handler of unknown paths. It does no I/O itself. */
export function createApp(context: Context): App {
  const app = createBareApp(context);
  const guardRoom = createFullDiskGuard(context.room, (c, error) =>
    answerInFormatOfPath(c, context.log, error),
  );
  app.use(
    declareAccess(createActorMiddleware(context), 'middleware'),
    declareAccess(guardRoom, 'middleware'),
  );
  mountSpaces(app, context);
  mountCharts(app, context);
  mountVersions(app, context);
  mountMetadata(app, context);
  mountDetails(app, context);
  mountFiles(app, context);
  mountIcons(app, context);
  mountValues(app, context);
  mountProvenance(app, context);
  mountLineage(app, context);
  mountOutdated(app, context);
  mountCompositions(app, context);
  mountCompare(app, context);
  mountFollow(app, context);
  mountFollows(app, context);
  mountRecompose(app, context);
  mountRetention(app, context);
  mountDeleted(app, context);
  mountRepositories(app, context);
  mountSearch(app, context);
  mountJobLists(app, context);
  mountJobs(app, context);
  mountWebhooks(app, context);
  mountMirrors(app, context);
  mountAdmin(app, context);
  mountAudit(app, context);
  mountOci(app, context);
  mountHealth(app, context, isApiUsable);
  mountChartMuseum(app, context);
  // Addresses of charts in the page look like those of files in a repository, which comes behind it.
  mountPage(app);
  mountRepository(app, context);
  mountDocs(app);
  if (context.access.guarded) mountLogin(app, context);
  mountRepositoryRoot(app, context);
  app.notFound(createNotFoundHandler(describedRoutes(app)));
  assertAccessDeclared(app.routes);
  return app;
}

/** Answers an error in the format of the interface that the path belongs to. */
function answerInFormatOfPath(c: HonoContext<Env>, log: Log, error: unknown): Response {
  if (/^\/v2(\/|$)/.test(c.req.path)) return ociErrorResponse(c, log, error);
  if (/^\/api\/(?!v1\/)/.test(c.req.path)) return chartmuseumErrorResponse(c, log, error);
  return errorResponse(c, toRegistryError(c, log, error));
}

/** Creates the interface of a worker: `/healthz` and `/readyz` alone. */
export function createHealthApp(context: Context): App {
  const app = createBareApp(context);
  app.use(declareAccess(createActorMiddleware(context), 'middleware'));
  mountHealth(app, context, isWorkerUsable);
  app.notFound(createNotFoundHandler(describedRoutes(app)));
  return app;
}

/** Creates the interface for Prometheus: `/metrics` alone. */
export function createMetricsApp(context: Context, readProcesses: ReadProcessMetrics): App {
  const app = createBareApp(context);
  app.use(declareAccess(createActorMiddleware(context), 'middleware'));
  mountMetrics(app, readProcesses);
  app.notFound(createNotFoundHandler(describedRoutes(app)));
  return app;
}

function createBareApp({ log }: Context): App {
  const app = new OpenAPIHono<Env>({ strict: false });
  for (const middleware of [createRequestLog(log), createSecurityHeaders(), throwGuardRefusal])
    app.use(declareAccess(middleware, 'middleware'));
  app.onError(createDoorErrorHandler(log));
  return app;
}

/** Throws the error that the request guard found, so that the error handler answers and logs it. */
const throwGuardRefusal: MiddlewareHandler<Env> = async (c, next) => {
  if (c.env?.refusal) throw c.env.refusal;
  await next();
};

/** Creates the error handler; a refused request, which no route has seen, is answered in the format of its path. */
function createDoorErrorHandler(log: Log): ErrorHandler<Env> {
  const answerError = createErrorHandler(log);
  return (error, c) => {
    if (error !== c.env?.refusal) return answerError(error, c);
    if (/^\/v2(?:\/|$)/.test(c.req.path)) return ociErrorResponse(c, log, error);
    if (/^\/api\/(?!v1(?:\/|$))/.test(c.req.path)) return chartmuseumErrorResponse(c, log, error);
    return answerError(error, c);
  };
}

function describedRoutes(app: App): { method: string; path: string }[] {
  return app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' ? [{ method: definition.route.method, path: definition.route.path }] : [],
  );
}
