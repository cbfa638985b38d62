import type { Context } from '../../core/context.ts';
import { isRegistryError } from '../../core/errors.ts';
import { dryRunRecomposition, recompose } from '../../core/jobs/recompose.ts';
import { withActor } from '../access/route-access.ts';
import { submitAndAnswer } from '../http/answer-recipe.ts';
import { dryRunParameters, readDryRun } from '../http/dry-run-parameters.ts';
import type { App } from '../http/env.ts';
import { mountRoute } from '../http/mount-routes.ts';
import { admitWhilePresent } from '../http/present-client.ts';
import { readRecipeBody, withErrorLocations, yamlContentType } from '../http/recipe-body.ts';
import { dryRunShape, job, orchestrationHeaders } from '../job-schemas.ts';
import { withHeaders } from '../openapi/headers.ts';
import { recomposition } from '../recipe-schemas.ts';
import { chartLinkShape, describeErrors, describeResponse, versionParams } from '../schemas.ts';

const bodyContent = Object.fromEntries(
  ['application/json', yamlContentType].map((type) => [type, { schema: recomposition }]),
);

/** Mounts the route that composes the recipe of a version again. */
export function mountRecompose(app: App, context: Context): void {
  mountRoute(
    app,
    {
      method: 'post',
      path: '/api/v1/spaces/{space}/charts/{chart}/versions/{version}/recompose',
      access: { right: 'chart.publish', chart: 'later' },
      tags: ['Lineage'],
      operationId: 'recomposeVersion',
      summary: 'Compose the recipe of a version again',
      description:
        'The recipe of its lineage, with ranges resolved now, and with changes, under a new version. `{version}` may be ' +
        '`latest`. It is answered as a recipe is: with a job, or after `Prefer: wait=N` with its end. `dryRun=true` ' +
        'answers what it would make, and stores nothing. Pointers of errors and warnings are into the changed recipe.',
      request: {
        params: versionParams,
        query: dryRunParameters,
        headers: orchestrationHeaders,
        body: { required: true, content: bodyContent },
      },
      responses: {
        200: describeResponse('Of a dry run: what it would make. Nothing is stored.', dryRunShape),
        201: withHeaders(
          describeResponse('Composed within the wait.', chartLinkShape),
          'Location',
          'Link',
          'Preference-Applied',
        ),
        202: withHeaders(
          describeResponse('Accepted; follow `Location`.', job),
          'Location',
          'Retry-After',
          'Preference-Applied',
        ),
        ...describeErrors(400, 404, 409, 413, 422, 423, 503),
      },
    },
    async (c, { params: from, query }) => {
      const dryRunRequest = readDryRun(query);
      const jobs = withActor(c, context.jobs);
      const body = await readRecipeBody(c, context.config.limitRecipe);
      const { text: bodyText, format } = body;
      const read = await jobs.charts.readRecomposition(from.space, bodyText, format);
      const run = async () => {
        if (!dryRunRequest.dryRun)
          return submitAndAnswer(c, context, (key) => recompose(jobs, { from, ...read, bodyText, ...key }));
        context.inFlight.admit();
        const result = await dryRunRecomposition(
          jobs,
          { from, ...read, against: dryRunRequest.against },
          admitWhilePresent(context.inFlight, c.req.raw.signal),
        );
        return c.body(result, 200, { 'Content-Type': 'application/json' });
      };
      // Other pointers are into the recipe as changed, which is not the text of the body.
      const isInBody = (error: unknown) => isRegistryError(error, 'callback.invalid');
      return withErrorLocations(jobs.charts, from.space, body, run, isInBody);
    },
  );
}
