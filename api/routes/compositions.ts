import type { Context } from '../../core/context.ts';
import { answerRecipe } from '../http/answer-recipe.ts';
import { dryRunParameters, readDryRun } from '../http/dry-run-parameters.ts';
import type { App } from '../http/env.ts';
import { mountRoute } from '../http/mount-routes.ts';
import { yamlContentType } from '../http/recipe-body.ts';
import { dryRunShape, job, orchestrationHeaders } from '../job-schemas.ts';
import { withHeaders } from '../openapi/headers.ts';
import { recipe } from '../recipe-schemas.ts';
import { chartLinkShape, describeErrors, describeResponse, spaceParams } from '../schemas.ts';

/** Content of a recipe by content type: JSON, and each name of YAML. */
export const recipeContent = Object.fromEntries(
  ['application/json', yamlContentType].map((type) => [type, { schema: recipe }]),
);

/** Mounts the route that composes a chart from a recipe. Unlike the route for charts, it takes no form. */
export function mountCompositions(app: App, context: Context): void {
  mountRoute(
    app,
    {
      method: 'post',
      path: '/api/v1/spaces/{space}/compositions',
      access: { right: 'chart.publish', chart: 'later' },
      tags: ['Charts'],
      operationId: 'composeChart',
      summary: 'Compose a chart from a recipe',
      description:
        'The recipe is YAML if the content type says so, and JSON otherwise. It is checked, answered with 202 and a job, ' +
        'and composed by a worker. `Prefer: wait=N` holds the answer for up to N seconds. `Idempotency-Key` makes a ' +
        'repeated request answer the same job. `dryRun=true` answers what the recipe would make, after all the checks, ' +
        'and stores nothing; with `against=VERSION` (or `latest`) also how that differs from a stored version.',
      request: {
        params: spaceParams,
        query: dryRunParameters,
        headers: orchestrationHeaders,
        body: { required: true, content: recipeContent },
      },
      responses: {
        200: describeResponse('Of a dry run: what the recipe would make. Nothing is stored.', dryRunShape),
        201: withHeaders(
          describeResponse('Composed and stored within the wait.', chartLinkShape),
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
    (c, { params, query }) => answerRecipe(c, context, params.space, readDryRun(query)),
  );
}
