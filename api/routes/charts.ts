import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { deleteChart, listCharts } from '../../core/registry/charts.ts';
import { publishVersion } from '../../core/registry/publish.ts';
import { withActor } from '../access/route-access.ts';
import { answerRecipe } from '../http/answer-recipe.ts';
import { sendCachedNames, toPaging } from '../http/cached-response.ts';
import { createdQuery, misplacedCreatedError, readCreated } from '../http/created-query.ts';
import { dryRunParameters, readDryRun } from '../http/dry-run-parameters.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { chartFileBody, isMultipart, withChartFile } from '../http/upload.ts';
import { linkVersion } from '../links.ts';
import {
  chartLinkShape,
  chartParams,
  describeErrors,
  describeResponse,
  nameList,
  pageQuery,
  spaceParams,
} from '../schemas.ts';

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
      operationId: 'listCharts',
      summary: 'List charts',
      description: 'Charts of a space by name.',
      request: { params: spaceParams, query: pageQuery },
      responses: { 200: describeResponse('Names, in order.', nameList), ...describeErrors(400, 404) },
    },
    (c, { params: { space }, query }) => {
      const paging = toPaging(query);
      return sendCachedNames(c, answers, space, paging, () => listCharts(registry, space, paging));
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
      operationId: 'uploadChart',
      summary: 'Upload a chart',
      description:
        'The form has the archive in the field `chartfile`, and its provenance file in `provfile` if there is one. ' +
        'Clients of old send recipes here too, with the headers and query of `POST .../compositions`, and get its answers.',
      request: {
        params: spaceParams,
        query: dryRunParameters.extend(createdQuery.shape),
        body: chartFileBody,
      },
      describedQuery: createdQuery,
      responses: {
        201: describeResponse('Stored.', chartLinkShape),
        ...describeErrors(400, 401, 403, 404, 409, 413, 423, 503),
      },
    },
    async (c, { params, query }) => {
      const { created, ...rest } = query;
      const dryRunRequest = readDryRun(rest);
      const createdAt = readCreated(created);
      if (!isMultipart(c)) {
        if (createdAt) throw misplacedCreatedError();
        return answerRecipe(c, context, params.space, dryRunRequest);
      }
      if (dryRunRequest.dryRun) {
        throw new RegistryError('request.invalid', 'dryRun is for recipes: an upload is stored or refused.', {
          parameter: 'dryRun',
        });
      }
      const stored = await withChartFile(c, config.limitPacked, uploadFolder, (archive, provenance) =>
        publishVersion(withActor(c, registry), params.space, archive, { provenance, createdAt }),
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
      operationId: 'deleteChart',
      summary: 'Delete a chart with all its versions',
      description: 'Refused as long as the space is immutable. What was composed from it stays.',
      request: { params: chartParams, query: noInput },
      responses: { 204: describeResponse('Deleted.'), ...describeErrors(400, 404, 409, 423) },
    },
    async (c, { params }) => {
      await deleteChart(withActor(c, registry), params.space, params.chart);
      return c.body(null, 204);
    },
  );
}
