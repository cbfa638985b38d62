import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { deleteChart, listCharts } from '../../core/registry/charts.ts';
import { publishVersion } from '../../core/registry/publish.ts';
import { withActor } from '../access/route-access.ts';
import { cachedNames, toPaging } from '../http/cached-response.ts';
import { dryRunQuery, readDryRun } from '../http/dry-run-query.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { orchestrate } from '../http/orchestrate.ts';
import { chartFileBody, isMultipart, withChartFile } from '../http/upload.ts';
import { dryRunShape, job, orchestrationHeaders } from '../job-schemas.ts';
import { linkVersion } from '../links.ts';
import { answer, chartLinkShape, chartParams, errors, nameList, pageQuery, spaceParams } from '../schemas.ts';
import { recipeContent } from './compositions.ts';

const tags = ['Charts'];

/** Mounts the routes of charts: list, upload or compose, delete. */
export function mountCharts(app: App, context: Context): void {
  mountChartList(app, context);
  mountChartCreation(app, context);
  mountChartDeletion(app, context);
}

function mountChartList(app: App, { registry, answers }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/charts',
      access: { right: 'chart.read' },
      tags,
      summary: 'List charts',
      request: { params: spaceParams, query: pageQuery },
      responses: { 200: answer('Names, in order.', nameList), ...errors(400, 404) },
    },
    (c, { params: { space }, query }) => {
      const paging = toPaging(query);
      return cachedNames(c, answers, space, paging, () => listCharts(registry, space, paging));
    },
  );
}

function mountChartCreation(app: App, context: Context): void {
  const { registry, config, uploadFolder } = context;

  mountRoute(
    app,
    {
      method: 'post',
      path: '/api/v1/spaces/{space}/charts',
      access: { right: 'chart.publish', chart: 'later' },
      tags,
      summary: 'Upload a chart, or orchestrate one',
      description:
        'A multipart form with the field `chartfile` uploads a packaged chart, with its provenance file in `provfile` if ' +
        'there is one. Anything else is a recipe, in YAML if the content type says so and in JSON otherwise: it is ' +
        'checked, answered with 202 and a job, and composed by a worker. `Prefer: wait=N` holds the answer for up to ' +
        'N seconds. `Idempotency-Key` makes a repeated request answer the same job. `dryRun=true` answers what the ' +
        'recipe would make, after all the checks, and stores nothing; with `against=VERSION` (or `latest`) also how that ' +
        'differs from a stored version of the chart, as `compare` answers it.',
      request: {
        params: spaceParams,
        query: dryRunQuery,
        headers: orchestrationHeaders,
        body: { content: { ...chartFileBody.content, ...recipeContent } },
      },
      responses: {
        200: answer('Of a dry run: what the recipe would make. Nothing is stored.', dryRunShape),
        201: answer('Stored: uploaded, or composed within the wait.', chartLinkShape),
        202: answer('Accepted; follow `Location`.', job),
        ...errors(400, 404, 409, 413, 422, 423, 503),
      },
    },
    async (c, { params, query }) => {
      const asked = readDryRun(query);
      if (!isMultipart(c)) return orchestrate(c, context, params.space, asked);
      if (asked.dryRun) {
        throw new RegistryError('request.invalid', 'dryRun is for recipes: an upload is stored or refused.', {
          parameter: 'dryRun',
        });
      }
      const stored = await withChartFile(c, config.limitPacked, uploadFolder, (archive, provenance) =>
        publishVersion(withActor(c, registry), params.space, archive, { provenance }),
      );
      return c.json(linkVersion(stored), 201);
    },
  );
}

function mountChartDeletion(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      method: 'delete',
      path: '/api/v1/spaces/{space}/charts/{chart}',
      access: { right: 'chart.delete' },
      tags,
      summary: 'Delete a chart with all its versions',
      request: { params: chartParams, query: noInput },
      responses: { 204: answer('Deleted.'), ...errors(400, 404, 409, 423) },
    },
    async (c, { params }) => {
      await deleteChart(withActor(c, registry), params.space, params.chart);
      return c.body(null, 204);
    },
  );
}
