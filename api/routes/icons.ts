import type { Context } from '../../core/context.ts';
import { imageTypes } from '../../core/icons/image-type.ts';
import { readIcon } from '../../core/registry/read-icon.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { foreignPolicy, sendValidated } from '../http/send-validated.ts';
import { bytes } from '../openapi/contents.ts';
import { answer, errors, versionParams } from '../schemas.ts';

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
      request: { params: versionParams, query: noInput },
      responses: {
        200: {
          description: 'The image.',
          content: bytes(...imageTypes),
        },
        304: answer('The client has it already.'),
        ...errors(400, 404, 503),
      },
    },
    async (c, { params }) => {
      const { bytes, digest, type } = await readIcon({ ...registry, icons }, params);
      return sendValidated(c, {
        bytes,
        tag: digest,
        headers: { 'Content-Type': type, 'Content-Security-Policy': iconPolicy },
      });
    },
  );
}

/** Content Security Policy of icons: an SVG that is opened by itself may have styles of its own, and nothing else. */
const iconPolicy = `${foreignPolicy}; style-src 'unsafe-inline'`;
