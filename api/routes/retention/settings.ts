import { parseRetention } from '../../../core/retention/parse-settings.ts';
import { deleteRetentionRules, readRetention, setRetention } from '../../../core/retention/settings.ts';
import { readJsonBody } from '../../http/body.ts';
import type { App } from '../../http/env.ts';
import { mountRoute, noInput } from '../../http/mount-routes.ts';
import { spaceParams } from '../../schemas.ts';
import { describeJsonBody, okResponses } from '../admin/admin-route.ts';
import type { RetentionDepsOf } from './deps.ts';
import { retentionBody, retentionShape } from './shapes.ts';

const path = '/api/v1/spaces/{space}/retention';
const tags = ['Retention'];

/** Largest body that sets rules, in bytes: it is parsed on the event loop. */
const maxBodyBytes = 256 * 1024;

/** Mounts the routes of the retention of a space: read, set, end. */
export function mountRetentionSettings(app: App, depsOf: RetentionDepsOf): void {
  const request = { params: spaceParams, query: noInput };
  mountRoute(
    app,
    {
      ...{ method: 'get', path, tags, request },
      access: { right: 'chart.read' },
      operationId: 'getRetention',
      summary: 'Look at the retention rules of a space',
      description: 'By which its old versions are deleted.',
      responses: okResponses('The rules, and when they are applied next.', retentionShape),
    },
    async (c, { params }) => {
      c.header('Cache-Control', 'no-store');
      return c.json(await readRetention(depsOf(c), params.space));
    },
  );

  mountRoute(
    app,
    {
      ...{ method: 'put', path, tags },
      access: { right: 'retention.manage' },
      operationId: 'setRetention',
      summary: 'Set the retention rules of a space',
      description:
        'They take the place of the ones before. Nothing is deleted at once: the schedule opens the first run an interval ' +
        'from now. An open run of other rules ends. Never deleted are the highest release of a chart, versions of ' +
        'immutable spaces, sources of stored versions or of unfinished jobs, and versions that somebody has restored.',
      request: { ...request, body: describeJsonBody(retentionBody) },
      responses: okResponses('The rules as they are now.', retentionShape),
    },
    async (c, { params }) => {
      c.header('Cache-Control', 'no-store');
      const settings = parseRetention(await readJsonBody(c, maxBodyBytes));
      return c.json(await setRetention(depsOf(c), params.space, settings));
    },
  );

  mountRoute(
    app,
    {
      ...{ method: 'delete', path, tags, request },
      access: { right: 'retention.manage' },
      operationId: 'deleteRetention',
      summary: 'End the retention of a space',
      description: 'Its rules go, and rules no longer delete anything. An open run ends.',
      responses: okResponses('Ended.'),
    },
    async (c, { params }) => {
      await deleteRetentionRules(depsOf(c), params.space);
      return c.body(null, 204);
    },
  );
}
