import { z } from '@hono/zod-openapi';
import { programVersion } from '../../core/runtime/package-info.ts';
import { describeResponse } from '../schemas.ts';
import type { ChartMuseumRoute } from './route.ts';
import { describeChartmuseumErrors } from './shapes.ts';

/** Routes with version and health of the program. */
export function infoRoutes(): ChartMuseumRoute[] {
  return [
    {
      method: 'get',
      path: '/info',
      access: { anyone: 'clients look for the version before they log in' },
      operationId: 'getMuseumVersion',
      summary: 'Which version this is',
      description: 'As ChartMuseum tells it.',
      responses: {
        200: describeResponse('Of this program.', z.object({ version: z.string() })),
        ...describeChartmuseumErrors(403),
      },
      handle: (c) => c.json({ version: `v${programVersion}` }),
    },
    {
      method: 'get',
      path: '/health',
      access: { anyone: 'monitoring has no credentials' },
      operationId: 'getMuseumHealth',
      summary: 'Whether this process is alive',
      description: 'Answers like `/healthz`. `/readyz` says whether it can do its work.',
      responses: {
        200: describeResponse('It is.', z.object({ healthy: z.literal(true) })),
        ...describeChartmuseumErrors(403),
      },
      handle: (c) => c.json({ healthy: true }),
    },
  ];
}
