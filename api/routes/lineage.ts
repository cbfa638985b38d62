import type { Context } from '../../core/context.ts';
import { listDependents } from '../../core/registry/dependents.ts';
import { readLineage } from '../../core/registry/lineage.ts';
import { readLineageRecipe } from '../../core/registry/lineage-recipe.ts';
import { checkVersionRef } from '../../core/registry/names.ts';
import { withActor } from '../access/route-access.ts';
import { listResponse, toPaging } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { sendText } from '../http/send-text.ts';
import { sentRecipe } from '../job-part-schemas.ts';
import { dependentList, lineage } from '../job-schemas.ts';
import { linkVersion } from '../links.ts';
import { describeErrors, describeResponse, pageQuery, versionParams } from '../schemas.ts';

const tags = ['Lineage'];
const path = '/api/v1/spaces/{space}/charts/{chart}/versions/{version}';

/** Mounts the routes of a version's lineage, its recipe and its dependents. */
export function mountLineage(app: App, context: Context): void {
  mountLineageOfVersion(app, context);
  mountDependents(app, context);
}

function mountLineageOfVersion(app: App, { registry, inFlight }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: `${path}/lineage`,
      access: { right: 'chart.read' },
      tags,
      operationId: 'getLineage',
      summary: 'How a version was composed',
      description:
        'Recipe, plan and sources. It ends when the archive is replaced; rewritten values or metadata leave it, and make ' +
        'it `modified`.',
      request: { params: versionParams, query: noInput },
      responses: { 200: describeResponse('Its lineage.', lineage), ...describeErrors(400, 404) },
    },
    async (c, { params }) => {
      const text = await inFlight.make(
        params.space,
        () => readLineage(withActor(c, registry), params),
        c.env?.outgoing,
      );
      return sendText(c, text);
    },
  );

  mountRoute(
    app,
    {
      method: 'get',
      path: `${path}/recipe`,
      access: { right: 'chart.read' },
      tags,
      operationId: 'getVersionRecipe',
      summary: 'The recipe of a composed version',
      description: 'As it was sent, without its callback. For readers who may read each of its sources.',
      request: { params: versionParams, query: noInput },
      responses: { 200: describeResponse('The recipe.', sentRecipe), ...describeErrors(400, 403, 404) },
    },
    async (c, { params }) => {
      checkVersionRef(params);
      const { recipe } = await inFlight.make(
        params.space,
        () => readLineageRecipe(withActor(c, registry), params),
        c.env?.outgoing,
      );
      return sendText(c, recipe);
    },
  );
}

function mountDependents(app: App, { registry, inFlight }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: `${path}/dependents`,
      access: { right: 'chart.read' },
      tags,
      operationId: 'listDependents',
      summary: 'Versions composed from a version',
      description: 'The version itself may be gone, as long as something is left that was made from it.',
      request: { params: versionParams, query: pageQuery },
      responses: {
        200: describeResponse('Versions, newest first. The total is counted up to 10,000.', dependentList),
        ...describeErrors(400, 404),
      },
    },
    async (c, { params, query }) => {
      const paging = toPaging(query);
      const { total, items } = await inFlight.make(
        params.space,
        () => listDependents(withActor(c, registry), params, paging),
        c.env?.outgoing,
      );
      const linked = items.map(({ sourceDigest, ...ref }) => ({ ...linkVersion(ref), sourceDigest }));
      return listResponse(c, { total, items: linked }, paging);
    },
  );
}
