import { z } from '@hono/zod-openapi';
import type { Context } from '../../core/context.ts';
import type { PartStates } from '../../core/runtime/readiness.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { describeErrors, describeResponse } from '../schemas.ts';

const tags = ['Health'];
const readiness = z
  .object({
    ready: z.boolean(),
    degraded: z
      .boolean()
      .describe('Whether a part is down, full or held, so that not everything is answered, or done soon.'),
    closing: z.boolean().describe('Whether the process is about to end.'),
    parts: z
      .record(z.string(), z.enum(['up', 'full', 'held', 'down']))
      .describe(
        '`database`, `queue`, `blobs` and `disk`; `workers` is down while no worker of the registry lives, and held while `helm-registry hold` stops their work.',
      ),
    degradations: z
      .array(
        z.object({
          part: z.string(),
          state: z.enum(['full', 'held', 'down']),
          since: z.iso.datetime().describe('When this process found it so first.'),
        }),
      )
      .describe('Parts that are down, full or held.'),
  })
  .openapi('Readiness');

/** Checks whether an API with such parts can serve. With PostgreSQL alone it answers reads and accepts recipes. */
export function isApiUsable(parts: PartStates): boolean {
  return parts.database !== 'down';
}

/**
 * Checks whether all parts that a worker needs are up. No load balancer uses a worker's readiness, only its
 * supervisor.
 */
export function isWorkerUsable({ workers: _, ...parts }: PartStates): boolean {
  return Object.values(parts).every((part) => part === 'up');
}

/**
 * Mounts `/healthz` and `/readyz`.
 * @param isReady decides by the parts whether the process can do its work
 */
export function mountHealth(
  app: App,
  { checkParts, closing }: Context,
  isReady: (parts: PartStates) => boolean,
): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/healthz',
      access: { anyone: 'monitoring has no credentials' },
      tags,
      operationId: 'getLiveness',
      summary: 'Whether this process is alive',
      description: 'Asks no other part, so that a supervisor restarts only what hangs.',
      request: { params: noInput, query: noInput },
      responses: {
        200: describeResponse('It is.', z.object({ alive: z.literal(true) })),
        ...describeErrors(403),
      },
    },
    (c) => c.json({ alive: true }),
  );

  mountRoute(
    app,
    {
      method: 'get',
      path: '/readyz',
      access: { anyone: 'monitoring has no credentials' },
      tags,
      operationId: 'getReadiness',
      summary: 'Whether it can do its work',
      description: 'For load balancers: it asks each part, and remembers the answer for a moment.',
      request: { params: noInput, query: noInput },
      responses: {
        200: describeResponse(
          'It can; `degraded` where a part is down, or has no room left, or no worker lives, or the registry is held.',
          readiness,
        ),
        503: describeResponse(
          'PostgreSQL does not answer, or the process is closing. A worker also without any other part.',
          readiness,
        ),
        ...describeErrors(403),
      },
    },
    async (c) => {
      const { parts, degradations } = await checkParts();
      const ready = !closing.aborted && isReady(parts);
      const degraded = degradations.length > 0;
      return c.json({ ready, degraded, closing: closing.aborted, parts, degradations }, ready ? 200 : 503);
    },
  );
}
