import type { Context } from '../../../core/context.ts';
import { mirrorRight } from '../../../core/mirror/mirrored-space.ts';
import { readMirror } from '../../../core/mirror/read-mirror.ts';
import { endMirror, setMirror } from '../../../core/mirror/set-mirror.ts';
import { withActor } from '../../access/route-access.ts';
import type { App } from '../../http/env.ts';
import { mountRoute, noInput } from '../../http/mount-routes.ts';
import { spaceParams } from '../../schemas.ts';
import { describeJsonBody, okResponses, readBody } from '../admin/admin-route.ts';
import { mountMirrorRuns } from './runs.ts';
import { mirrorShape, wantedMirror } from './shapes.ts';

const tags = ['Mirrors'];
const path = '/api/v1/spaces/{space}/mirror';
const request = { params: spaceParams, query: noInput };
const configureAccess = { right: mirrorRight } as const;
// The address of an upstream and what it answers are for those who work in the space, and not for every reader.
const readAccess = { right: 'chart.publish' } as const;

/** Mounts the routes of a space's mirror: read, set and end, runs, outcomes of versions. */
export function mountMirrors(app: App, context: Context): void {
  mountMirror(app, context);
  mountMirrorRuns(app, context);
}

function mountMirror(app: App, { registry, jobs }: Context): void {
  mountRoute(
    app,
    {
      ...{ method: 'get', path, access: readAccess, tags, request },
      operationId: 'getMirror',
      summary: 'Look at the mirror of a space',
      description: 'Its settings without credentials, and its newest run.',
      responses: okResponses('The mirror.', mirrorShape),
    },
    async (c, { params }) => {
      c.header('Cache-Control', 'no-store');
      return c.json(await readMirror(withActor(c, registry), params.space));
    },
  );

  mountRoute(
    app,
    {
      ...{ method: 'put', path, access: configureAccess, tags },
      request: { ...request, body: describeJsonBody(wantedMirror) },
      operationId: 'setMirror',
      summary: 'Make a space the mirror of a chart repository or of charts in an OCI registry',
      description:
        'A run begins at once. What is absent has its default; absent credentials stay, if scheme, host and port do. ' +
        'Nothing else is written into the space from then on, by no interface.',
      responses: okResponses('As it is now.', mirrorShape),
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
      ...{ method: 'delete', path, access: configureAccess, tags, request },
      operationId: 'deleteMirror',
      summary: 'End a mirror',
      description: 'Its charts stay, and the space is an ordinary one.',
      responses: okResponses('Ended.'),
    },
    async (c, { params }) => {
      await endMirror({ registry: withActor(c, registry) }, params.space);
      return c.body(null, 204);
    },
  );
}
