import { setTimeout as sleep } from 'node:timers/promises';
import { z } from '@hono/zod-openapi';
import type { Context } from '../../core/context.ts';
import { isRegistryError } from '../../core/errors.ts';
import type { Icon } from '../../core/icons/icon.ts';
import { imageTypes } from '../../core/icons/image-type.ts';
import { readIcon } from '../../core/registry/read-icon.ts';
import type { App } from '../http/env.ts';
import { mountRoute } from '../http/mount-routes.ts';
import { foreignContentPolicy, sendWithEtag } from '../http/send-with-etag.ts';
import { bytesContent } from '../openapi/contents.ts';
import { describeErrors, describeResponse, versionParams } from '../schemas.ts';

/** Milliseconds for which a page that shows a picture of its own waits for an icon that is fetched. */
const iconTimeoutMs = 1_000;

/** Seconds for which a browser does not ask again for an icon that a version does not have. */
const absentSeconds = 600;

const iconQuery = z.object({
  missing: z
    .enum(['empty'])
    .optional()
    .describe(
      'With `empty` the answer is 204 and not 404 where there is no image, and where it cannot be fetched within a second: for pages that show a picture of their own then.',
    ),
});

/** Mounts the route of icons. */
export function mountIcons(app: App, { registry, icons }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/charts/{chart}/versions/{version}/icon',
      access: { right: 'chart.read' },
      tags: ['Files'],
      operationId: 'getIcon',
      summary: 'Read the icon of a version',
      description:
        'From the archive, a `data:` URL, or the web address in Chart.yaml, which the registry fetches and keeps (`ICON_FETCH`). The type is that of the bytes, at most 1 MiB.',
      request: { params: versionParams, query: iconQuery },
      responses: {
        200: {
          description: 'The image.',
          content: bytesContent(...imageTypes),
        },
        204: describeResponse('There is no image to show, or not yet (`missing=empty`).'),
        304: describeResponse('The client has it already.'),
        ...describeErrors(400, 404, 503),
      },
    },
    async (c, { params, query }) => {
      const reading = readIcon({ ...registry, icons }, params);
      const found = query.missing === 'empty' ? await waitForIcon(reading) : await reading;
      if (found === 'absent' || found === 'late')
        return c.body(null, 204, { 'Cache-Control': found === 'late' ? 'no-store' : absentCaching });
      const { bytes, digest, type } = found;
      return sendWithEtag(c, {
        bytes,
        tag: digest,
        headers: { 'Content-Type': type, 'Content-Security-Policy': iconPolicy },
      });
    },
  );
}

/** Content Security Policy of icons: an SVG that is opened by itself may have styles of its own, and nothing else. */
const iconPolicy = `${foreignContentPolicy}; style-src 'unsafe-inline'`;

const absentCaching = `private, max-age=${absentSeconds}`;

/** Waits a moment for an icon; the cache goes on fetching it for those who ask later. */
async function waitForIcon(reading: Promise<Icon>): Promise<Icon | 'absent' | 'late'> {
  const timer = new AbortController();
  const found = reading.catch((error: unknown) => {
    if (isRegistryError(error, 'icon.notFound')) return 'absent' as const;
    throw error;
  });
  const late = sleep(iconTimeoutMs, 'late' as const, { signal: timer.signal, ref: false });
  late.catch(() => undefined);
  try {
    return await Promise.race([found, late]);
  } finally {
    timer.abort();
    // After the answer nobody waits for what the reading says.
    found.catch(() => undefined);
  }
}
