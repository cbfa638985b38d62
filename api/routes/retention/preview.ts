import { z } from '@hono/zod-openapi';
import type { Context } from '../../../core/context.ts';
import { previewRetention, readPreviewCursor, writePreviewCursor } from '../../../core/retention/preview.ts';
import type { App } from '../../http/env.ts';
import { mountRoute } from '../../http/mount-routes.ts';
import { linkNext } from '../../http/next-page.ts';
import { sendJson } from '../../http/send-text.ts';
import { pageQuery, spaceParams } from '../../schemas.ts';
import { okResponses } from '../admin/admin-route.ts';
import type { RetentionDepsOf } from './deps.ts';
import { previewList } from './shapes.ts';

const retentionPreviewQuery = pageQuery.omit({ start: true }).extend({
  cursor: z.string().optional().openapi({ description: 'Place in the list, from the `Link` of a page.' }),
  action: z.enum(['keep', 'delete'], 'expected keep or delete').optional(),
  chart: z.string().optional().openapi({ description: 'Name of the only chart.' }),
});

/** Items of a page without `limit`. */
const defaultItems = 100;

/** Mounts the route that shows what a run of retention would do. */
export function mountRetentionPreview(app: App, { inFlight }: Context, depsOf: RetentionDepsOf): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/retention/preview',
      access: { right: 'chart.read' },
      tags: ['Retention'],
      operationId: 'previewRetention',
      summary: 'List versions with what a run of retention would do now',
      description:
        'Nothing is changed. Each version comes with the rule that decides and what keeps it, or why it goes; by charts, the ' +
        'highest version first. The `Link` header leads to the next page: a page may be short, or empty, and have one.',
      request: { params: spaceParams, query: retentionPreviewQuery },
      responses: okResponses('Versions.', previewList),
    },
    async (c, { params, query: { limit = defaultItems, cursor, action, chart } }) => {
      c.header('Cache-Control', 'no-store');
      const after = cursor === undefined ? undefined : readPreviewCursor(cursor);
      const { items, next } = await inFlight.make(
        params.space,
        () =>
          previewRetention(depsOf(c), params.space, {
            ...{ action, chart, after },
            limit: Math.max(limit, 1),
          }),
        c.env?.outgoing,
      );
      if (next) c.header('Link', linkNext(c, { cursor: writePreviewCursor(next) }));
      return sendJson(c, { metadata: { itemsLength: items.length }, items });
    },
  );
}
