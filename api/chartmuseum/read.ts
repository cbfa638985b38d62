import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import type { RenderedDocument } from '../../core/read-cache/response-cache.ts';
import type { RegistryDeps, VersionRef } from '../../core/registry/registry.ts';
import { readTemplates, readValuesFile } from '../../core/repository/chart-files.ts';
import { listChartEntries, listEntries, readEntry } from '../../core/repository/entries.ts';
import { resolveVersion } from '../../core/repository/resolve-version.ts';
import { sendFromResponseCache } from '../http/cached-response.ts';
import type { Env } from '../http/env.ts';
import { parseInput } from '../http/mount-routes.ts';
import { sendIndex } from '../http/repository-files.ts';
import { textContent } from '../openapi/contents.ts';
import { describeResponse } from '../schemas.ts';
import type { ChartMuseumInput, ChartMuseumRoute } from './route.ts';
import { describeChartmuseumErrors, indexEntry, offsetQuery } from './shapes.ts';

/** Routes that read charts and versions, as the index of a chart repository describes them. */
export function readRoutes(context: Context): ChartMuseumRoute[] {
  return [...listRoutes(context), ...versionRoutes(context)];
}

function listRoutes(context: Context): ChartMuseumRoute[] {
  const { registry, answers } = context;

  function list(c: HonoContext<Env>, { space }: ChartMuseumInput): Response | Promise<Response> {
    const { offset, limit } = parseInput(offsetQuery, c.req.query());
    // The whole list equals the entries of the index, which is cached.
    if (offset === 0 && limit === undefined) return sendIndex(c, context, space, 'entries');
    const paging = { start: offset, limit: limit ?? Number.MAX_SAFE_INTEGER };
    return sendFromResponseCache(c, answers, space, () => listEntries(registry, space, paging), {
      paging,
      startParameter: 'offset',
    });
  }

  return [
    {
      method: 'get',
      path: '/charts',
      access: { right: 'chart.read' },
      operationId: 'listMuseumCharts',
      summary: 'List charts with their versions',
      description:
        'With `offset` or `limit` as many charts as fit in 16 MiB; where there are more, `Link` has the next page.',
      query: offsetQuery,
      responses: {
        200: describeResponse(
          'By chart name, versions newest first.',
          z.record(z.string(), z.array(indexEntry)),
        ),
        ...describeChartmuseumErrors(400, 404),
      },
      handle: list,
    },
    {
      method: 'get',
      path: '/charts/{chart}',
      access: { right: 'chart.read' },
      operationId: 'listMuseumVersions',
      summary: 'List the versions of a chart',
      description: 'As many as fit in 16 MiB; where there are more, `Link` has the next page.',
      query: offsetQuery,
      responses: {
        200: describeResponse('Newest first.', z.array(indexEntry)),
        ...describeChartmuseumErrors(400, 404),
      },
      handle: (c, { space, chart }) => {
        const { offset, limit = Number.MAX_SAFE_INTEGER } = parseInput(offsetQuery, c.req.query());
        const paging = { start: offset, limit };
        return sendFromResponseCache(
          c,
          answers,
          space,
          () => listChartEntries(registry, space, chart, paging),
          {
            paging,
            startParameter: 'offset',
          },
        );
      },
    },
  ];
}

function versionRoutes({ registry, answers, inFlight }: Context): ChartMuseumRoute[] {
  /** Creates a handler that reads a version, which the path may give as `latest` or a range. */
  function respond(
    read: (registry: RegistryDeps, ref: VersionRef) => Promise<string | RenderedDocument>,
    options: { type?: string; isAdmittedByRender?: boolean } = {},
  ) {
    return (c: HonoContext<Env>, ref: ChartMuseumInput) =>
      sendFromResponseCache(
        c,
        answers,
        ref.space,
        async () => read(registry, await resolveVersion(registry, ref)),
        options,
      );
  }

  return [
    {
      method: 'get',
      path: '/charts/{chart}/{version}',
      access: { right: 'chart.read' },
      operationId: 'getMuseumVersionEntry',
      summary: 'Describe a version',
      description: '`latest` is the highest release; a range (`^1.2`) is the highest in it.',
      responses: {
        200: describeResponse('As the index has it.', indexEntry),
        ...describeChartmuseumErrors(400, 404),
      },
      handle: respond(readEntry),
    },
    {
      method: 'get',
      path: '/charts/{chart}/{version}/templates',
      access: { right: 'chart.read' },
      operationId: 'getMuseumTemplates',
      summary: "A version's templates and its own values",
      description: 'Has the files of the chart itself, without its subcharts.',
      responses: {
        200: describeResponse(
          '`data` is in base64.',
          z.object({
            templates: z.array(z.object({ name: z.string(), data: z.string() })),
            values: z.looseObject({}),
          }),
        ),
        ...describeChartmuseumErrors(400, 404),
      },
      handle: respond((deps, ref) => readTemplates(deps, ref, inFlight.admitInTurn), {
        isAdmittedByRender: true,
      }),
    },
    {
      method: 'get',
      path: '/charts/{chart}/{version}/values',
      access: { right: 'chart.read' },
      operationId: 'getMuseumValues',
      summary: "A version's own values.yaml, as it is in the archive",
      description: 'With its comments.',
      responses: {
        200: { description: 'The file.', content: textContent('application/yaml') },
        ...describeChartmuseumErrors(400, 404),
      },
      handle: respond(readValuesFile, { type: 'application/yaml', isAdmittedByRender: true }),
    },
  ];
}
