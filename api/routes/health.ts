import { z } from '@hono/zod-openapi';
import type { Context } from '../../core/context.ts';
import type { PartState } from '../../core/runtime/readiness.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { answer, errors } from '../schemas.ts';

const tags = ['Health'];
const readiness = z
  .object({
    ready: z.boolean(),
    degraded: z.boolean().describe('Whether a part is down or full, so that not everything is answered.'),
    closing: z.boolean().describe('Whether the process is about to end.'),
    parts: z.record(z.string(), z.enum(['up', 'full', 'down'])),
  })
  .openapi('Readiness');

type Parts = Record<string, PartState>;

/** Checks whether an API with such parts can serve: with PostgreSQL alone it answers reads and accepts recipes. */
export function isUsable(parts: Parts): boolean {
  return parts.database !== 'down';
}

/**
 * Checks whether all parts are up, as a worker needs them. No load balancer uses a worker's readiness, only its
 * supervisor.
 */
export function areAllUp(parts: Parts): boolean {
  return Object.values(parts).every((part) => part === 'up');
}

/**
 * Mounts `/healthz` and `/readyz`.
 * @param isReady decides by the parts whether the process can do its work
 */
export function mountHealth(
  app: App,
  { checkParts, closing }: Context,
  isReady: (parts: Parts) => boolean,
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
      responses: { 200: answer('It is.', z.object({ alive: z.literal(true) })), ...errors(403) },
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
        200: answer('It can; `degraded` where a part is down, or has no room left.', readiness),
        503: answer(
          'PostgreSQL does not answer, or the process is closing. A worker also without any other part.',
          readiness,
        ),
        ...errors(403),
      },
    },
    async (c) => {
      const parts = await checkParts();
      const ready = !closing.aborted && isReady(parts);
      return c.json(
        { ready, degraded: !areAllUp(parts), closing: closing.aborted, parts },
        ready ? 200 : 503,
      );
    },
  );
}
