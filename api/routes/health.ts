import { z } from '@hono/zod-openapi';
import type { Context } from '../../core/context.ts';
import { type App, mount, nothing } from '../http/mount.ts';
import { answer } from '../schemas.ts';

const tags = ['Health'];
const readiness = z
  .object({
    ready: z.boolean(),
    closing: z.boolean().describe('Whether the process is about to end.'),
    parts: z.record(z.string(), z.enum(['up', 'down'])),
  })
  .openapi('Readiness');

export function mountHealth(app: App, { checkParts, closing }: Context): void {
  mount(
    app,
    {
      method: 'get',
      path: '/healthz',
      tags,
      summary: 'Whether this process is alive',
      request: { params: nothing, query: nothing },
      responses: { 200: answer('It is.', z.object({ alive: z.literal(true) })) },
    },
    (c) => c.json({ alive: true }),
  );

  mount(
    app,
    {
      method: 'get',
      path: '/readyz',
      tags,
      summary: 'Whether it can do its work',
      request: { params: nothing, query: nothing },
      responses: {
        200: answer('Every part is up.', readiness),
        503: answer('A part is down or does not answer, or the process is closing.', readiness),
      },
    },
    async (c) => {
      const parts = await checkParts();
      const ready = !closing.aborted && Object.values(parts).every((part) => part === 'up');
      return c.json({ ready, closing: closing.aborted, parts }, ready ? 200 : 503);
    },
  );
}
