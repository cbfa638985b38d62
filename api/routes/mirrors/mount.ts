import type { Context } from '../../../core/context.ts';
import { mirrorRight } from '../../../core/mirror/place.ts';
import { listMirrorRuns, listMirrorVersions, readMirror } from '../../../core/mirror/read-mirror.ts';
import { endMirror, runMirrorNow, setMirror } from '../../../core/mirror/set-mirror.ts';
import { withActor } from '../../access/route-access.ts';
import { listResponse, toPaging } from '../../http/cached-response.ts';
import type { App } from '../../http/env.ts';
import { mountRoute, noInput } from '../../http/mount-routes.ts';
import { answer, errors, pageQuery, spaceParams } from '../../schemas.ts';
import { found, jsonBody, readBody } from '../admin/admin-route.ts';
import { mirrorRunList, mirrorShape, mirrorVersionList, outcome, wantedMirror } from './shapes.ts';

const tags = ['Mirrors'];
const path = '/api/v1/spaces/{space}/mirror';
const request = { params: spaceParams, query: noInput };
const configures = { right: mirrorRight } as const;
// The address of an upstream and what it answers are for those who work in the space, and not for every reader.
const reads = { right: 'chart.publish' } as const;

/** Mounts the routes of a space's mirror: read, set, end, run, outcomes. */
export function mountMirrors(app: App, context: Context): void {
  mountMirror(app, context);
  mountMirrorRuns(app, context);
}

function mountMirror(app: App, { registry, jobs }: Context): void {
  mountRoute(
    app,
    {
      ...{ method: 'get', path, access: reads, tags, request },
      operationId: 'getMirror',
      summary: 'Look at the mirror of a space',
      description: 'Its settings without credentials, and its newest run.',
      responses: found('The mirror.', mirrorShape),
    },
    async (c, { params }) => {
      c.header('Cache-Control', 'no-store');
      return c.json(await readMirror(withActor(c, registry), params.space));
    },
  );

  mountRoute(
    app,
    {
      ...{ method: 'put', path, access: configures, tags },
      request: { ...request, body: jsonBody(wantedMirror) },
      operationId: 'setMirror',
      summary: 'Make a space the mirror of a chart repository or of charts in an OCI registry',
      description:
        'A run begins at once. What is absent has its default; absent credentials stay, if scheme, host and port do. ' +
        'Nothing else is written into the space from then on, by no interface.',
      responses: found('As it is now.', mirrorShape),
    },
    async (c, { params }) => {
      c.header('Cache-Control', 'no-store');
      const deps = { ...jobs, registry: withActor(c, registry) };
      await setMirror(deps, params.space, await readBody(c, wantedMirror));
      return c.json(await readMirror(deps.registry, params.space));
    },
  );

  mountRoute(
    app,
    {
      ...{ method: 'delete', path, access: configures, tags, request },
      operationId: 'deleteMirror',
      summary: 'End a mirror',
      description: 'Its charts stay, and the space is an ordinary one.',
      responses: found('Ended.'),
    },
    async (c, { params }) => {
      await endMirror({ registry: withActor(c, registry) }, params.space);
      return c.body(null, 204);
    },
  );
}

function mountMirrorRuns(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      ...{ method: 'get', path: `${path}/runs`, access: reads, tags },
      request: { params: spaceParams, query: pageQuery },
      operationId: 'listMirrorRuns',
      summary: 'List the runs of a mirror',
      description: 'The newest first, each with its numbers of versions.',
      responses: found('Runs.', mirrorRunList),
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
      ...{ method: 'post', path: `${path}/runs`, access: configures, tags, request },
      operationId: 'runMirror',
      summary: 'Run a mirror now',
      description: 'A mirror that runs already goes on, and nothing else happens.',
      responses: { 202: answer('A worker takes it up.', mirrorShape), ...errors(401, 403, 404) },
    },
    async (c, { params }) => {
      c.header('Cache-Control', 'no-store');
      const deps = { registry: withActor(c, registry) };
      await runMirrorNow(deps, params.space);
      return c.json(await readMirror(deps.registry, params.space), 202);
    },
  );

  mountRoute(
    app,
    {
      ...{ method: 'get', path: `${path}/versions`, access: reads, tags },
      request: { params: spaceParams, query: pageQuery.extend({ outcome: outcome.optional() }) },
      operationId: 'listMirrorVersions',
      summary: 'List what came of each version of a mirror',
      description:
        'By chart and version, with the reason where one failed, and the other digest where one has changed.',
      responses: found('Versions.', mirrorVersionList),
    },
    async (c, { params, query }) => {
      c.header('Cache-Control', 'no-store');
      const paging = toPaging(query);
      const page = await listMirrorVersions(withActor(c, registry), params.space, paging, query.outcome);
      return listResponse(c, page, paging);
    },
  );
}
