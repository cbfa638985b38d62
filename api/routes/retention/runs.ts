import type { RetentionRun } from '../../../core/retention/run-row.ts';
import { listRuns, openRun, readRun } from '../../../core/retention/runs.ts';
import { listResponse, toPaging } from '../../http/cached-response.ts';
import type { App } from '../../http/env.ts';
import { mountRoute, noInput } from '../../http/mount-routes.ts';
import { describeErrors, describeResponse, pageQuery, spaceParams } from '../../schemas.ts';
import { okResponses } from '../admin/admin-route.ts';
import type { RetentionDepsOf } from './deps.ts';
import { runList, runParams, shownRun } from './shapes.ts';

const path = '/api/v1/spaces/{space}/retention/runs';
const tags = ['Retention'];

/** Mounts the routes of the runs of retention: list, read, run now. */
export function mountRetentionRuns(app: App, depsOf: RetentionDepsOf): void {
  mountRoute(
    app,
    {
      ...{ method: 'get', path, tags },
      access: { right: 'chart.read' },
      operationId: 'listRetentionRuns',
      summary: 'List the runs of the retention of a space',
      description: 'The last 100.',
      request: { params: spaceParams, query: pageQuery },
      responses: okResponses('Runs, the newest first.', runList),
    },
    async (c, { params, query }) => {
      c.header('Cache-Control', 'no-store');
      const paging = toPaging(query);
      const { total, items } = await listRuns(depsOf(c), params.space, paging);
      return listResponse(c, { total, items: items.map(withoutAbsentError) }, paging);
    },
  );

  mountRoute(
    app,
    {
      ...{ method: 'post', path, tags },
      access: { right: 'retention.manage' },
      operationId: 'runRetention',
      summary: 'Run the retention of a space now',
      description:
        'By the rules as they are now. A worker takes the run within seconds; look at it by its id. A run that finds more ' +
        'than `mostDeleted` versions to go deletes none. At most one run of a space is open.',
      request: { params: spaceParams, query: noInput },
      responses: {
        202: describeResponse('The run, which is open.', shownRun),
        ...describeErrors(401, 403, 404, 409),
      },
    },
    async (c, { params }) => {
      c.header('Cache-Control', 'no-store');
      return c.json(withoutAbsentError(await openRun(depsOf(c), params.space)), 202);
    },
  );

  mountRoute(
    app,
    {
      ...{ method: 'get', path: `${path}/{run}`, tags },
      access: { right: 'chart.read' },
      operationId: 'getRetentionRun',
      summary: 'Look at a run of retention',
      description: 'How far it is, or how it ended, and by which rules.',
      request: { params: runParams, query: noInput },
      responses: okResponses('The run.', shownRun),
    },
    async (c, { params }) => {
      c.header('Cache-Control', 'no-store');
      return c.json(withoutAbsentError(await readRun(depsOf(c), params.space, params.run)));
    },
  );
}

/** Leaves out the error that a run does not have. */
function withoutAbsentError<Run extends RetentionRun>({ error, ...run }: Run) {
  return { ...run, ...(error === null ? {} : { error }) };
}
