import { z } from '@hono/zod-openapi';
import type { Context } from '../../../core/context.ts';
import { listMirrorResults } from '../../../core/mirror/list-results.ts';
import { listMirrorVersions } from '../../../core/mirror/list-versions.ts';
import { mirrorRight } from '../../../core/mirror/mirrored-space.ts';
import { listMirrorRuns, readMirror } from '../../../core/mirror/read-mirror.ts';
import { runMirrorNow } from '../../../core/mirror/set-mirror.ts';
import { withActor } from '../../access/route-access.ts';
import { listResponse, toPaging } from '../../http/cached-response.ts';
import type { App } from '../../http/env.ts';
import { mountRoute, noInput } from '../../http/mount-routes.ts';
import { describeErrors, describeResponse, pageQuery, spaceParams } from '../../schemas.ts';
import { okResponses } from '../admin/admin-route.ts';
import { mirrorResultList, mirrorRunList, mirrorShape, mirrorVersionList, outcome } from './shapes.ts';

const tags = ['Mirrors'];
const path = '/api/v1/spaces/{space}/mirror';
// The address of an upstream and what it answers are for those who work in the space, and not for every reader.
const readAccess = { right: 'chart.publish' } as const;
const configureAccess = { right: mirrorRight } as const;
const request = { params: spaceParams, query: noInput };
const outcomesQuery = pageQuery.extend({ outcome: outcome.optional() });

/** Mounts the routes of the runs of a mirror, and of its versions. */
export function mountMirrorRuns(app: App, context: Context): void {
  mountRuns(app, context);
  mountOutcomes(app, context);
}

function mountRuns(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      ...{ method: 'get', path: `${path}/runs`, access: readAccess, tags },
      request: { params: spaceParams, query: pageQuery },
      operationId: 'listMirrorRuns',
      summary: 'List the runs of a mirror',
      description: 'The newest first, each with its numbers of versions.',
      responses: okResponses('Runs.', mirrorRunList),
    },
    async (c, { params, query }) => {
      c.header('Cache-Control', 'no-store');
      const paging = toPaging(query);
      return listResponse(c, await listMirrorRuns(withActor(c, registry), params.space, paging), paging);
    },
  );

  mountRoute(
    app,
    {
      ...{ method: 'post', path: `${path}/runs`, access: configureAccess, tags, request },
      operationId: 'runMirror',
      summary: 'Run a mirror now',
      description: 'A mirror that runs already goes on, and nothing else happens.',
      responses: {
        202: describeResponse('A worker takes it up.', mirrorShape),
        ...describeErrors(401, 403, 404),
      },
    },
    async (c, { params }) => {
      c.header('Cache-Control', 'no-store');
      const deps = { registry: withActor(c, registry) };
      await runMirrorNow(deps, params.space);
      return c.json(await readMirror(deps.registry, params.space), 202);
    },
  );
}

function mountOutcomes(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      ...{ method: 'get', path: `${path}/runs/{number}/results`, access: readAccess, tags },
      request: { params: spaceParams.extend({ number: z.string() }), query: outcomesQuery },
      operationId: 'listMirrorResults',
      summary: 'List what came of each version in a run of a mirror',
      description:
        'By chart and version. Versions that are as they were are counted in the run alone. The newest 20 runs that had ' +
        'results keep them, and a run keeps 2,000 of each outcome.',
      responses: okResponses('Results.', mirrorResultList),
    },
    async (c, { params, query }) => {
      c.header('Cache-Control', 'no-store');
      const paging = toPaging(query);
      const deps = withActor(c, registry);
      const page = await listMirrorResults(deps, params.space, params.number, paging, query.outcome);
      return listResponse(c, page, paging);
    },
  );

  mountRoute(
    app,
    {
      ...{ method: 'get', path: `${path}/versions`, access: readAccess, tags },
      request: { params: spaceParams, query: outcomesQuery },
      operationId: 'listMirrorVersions',
      summary: 'List what came of each version of a mirror',
      description:
        'By chart and version, with the reason where one failed, and the other digest where one has changed.',
      responses: okResponses('Versions.', mirrorVersionList),
    },
    async (c, { params, query }) => {
      c.header('Cache-Control', 'no-store');
      const paging = toPaging(query);
      const page = await listMirrorVersions(withActor(c, registry), params.space, paging, query.outcome);
      return listResponse(c, page, paging);
    },
  );
}
