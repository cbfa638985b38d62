import { z } from '@hono/zod-openapi';
import type { Context } from '../../core/context.ts';
import { listDeeperOciRepositories, maxCountedTags } from '../../core/oci/list-deeper.ts';
import { withActor } from '../access/route-access.ts';
import type { App } from '../http/env.ts';
import { mountRoute } from '../http/mount-routes.ts';
import { linkNext } from '../http/next-page.ts';
import { sendJson } from '../http/send-text.ts';
import { describeErrors, describeResponse, pageQuery, spaceParams } from '../schemas.ts';

/** Largest number of repositories on a page, and the number without `limit`. */
const maxItems = 50;
const defaultItems = 10;

const repositoryListQuery = pageQuery.omit({ start: true }).extend({
  cursor: z
    .string()
    .max(255, 'is longer than 255 characters')
    .refine((text) => !text.includes('\0'), 'has a NUL')
    .optional()
    .openapi({ description: 'Place in the list, from the `Link` of a page.' }),
});

const repository = z
  .object({
    name: z.string().openapi({ description: 'Name below the space.', example: 'team/web' }),
    tags: z.array(z.string()).openapi({
      description:
        'The first 20: versions, the highest first, and then other tags. Those of signatures are left out.',
    }),
    tagCount: z.int().openapi({ description: `All tags; counted up to ${maxCountedTags}.` }),
    artifactType: z.string().nullable().openapi({
      description: 'Type of the artifact under a tag, a version if there is one; null without tags.',
      example: 'application/vnd.cncf.helm.config.v1+json',
    }),
  })
  .openapi('DeeperRepository');

const repositoryList = z
  .object({ metadata: z.object({ itemsLength: z.int() }), items: z.array(repository) })
  .openapi('DeeperRepositoryList');

/** Mounts the route that lists OCI repositories which no chart of the space has. */
export function mountRepositories(app: App, { registry, inFlight }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/repositories',
      access: { right: 'chart.read' },
      tags: ['Charts'],
      operationId: 'listDeeperRepositories',
      summary: 'List the OCI repositories of a space that are deeper than SPACE/NAME',
      description:
        'By name. What is pushed there is stored as an artifact and can be pulled, but is not a chart of the space: no list, ' +
        'index or recipe has it. The `Link` header leads to the next page.',
      request: { params: spaceParams, query: repositoryListQuery },
      responses: { 200: describeResponse('Repositories.', repositoryList), ...describeErrors(400, 404) },
    },
    async (c, { params, query: { limit = defaultItems, cursor = '' } }) => {
      c.header('Cache-Control', 'no-store');
      const page = { after: cursor, limit: Math.min(Math.max(limit, 1), maxItems) };
      const { items, next } = await inFlight.make(
        params.space,
        () => listDeeperOciRepositories(withActor(c, registry), params.space, page),
        c.env?.outgoing,
      );
      if (next !== undefined) c.header('Link', linkNext(c, { cursor: next }));
      return sendJson(c, { metadata: { itemsLength: items.length }, items });
    },
  );
}
