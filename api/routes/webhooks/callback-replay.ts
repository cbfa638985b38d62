import { z } from '@hono/zod-openapi';
import { requireReplayRight } from '../../../core/jobs/job-access.ts';
import type { JobDeps } from '../../../core/jobs/jobs.ts';
import { tryEnqueue } from '../../../core/jobs/try-queue.ts';
import { readBodyObject } from '../../../core/recipe/read-body.ts';
import { replayCallback } from '../../../core/webhooks/replay-callback.ts';
import { withActor } from '../../access/route-access.ts';
import { readBodyText } from '../../http/body.ts';
import type { App } from '../../http/env.ts';
import { mountRoute, noInput } from '../../http/mount-routes.ts';
import { delivery } from '../../job-schemas.ts';
import { describeErrors, describeResponse, jobParams } from '../../schemas.ts';
import { describeJsonBody, parseBody } from '../admin/admin-route.ts';

const secretBody = z.strictObject({
  secret: z.string().optional().openapi({
    description: 'Secret of the callback, for a delivery that has ended and whose calls are signed.',
  }),
});

/** Maximum bytes of the body. */
const maxBytes = 16 * 1024;

/** Mounts the route that makes the callback of a job again. */
export function mountCallbackReplay(app: App, jobs: JobDeps): void {
  mountRoute(
    app,
    {
      method: 'post',
      path: '/api/v1/jobs/{id}/deliveries/{delivery}/replay',
      access: { right: 'webhook.manage', checkedBy: 'handler' },
      tags: ['Jobs'],
      operationId: 'replayCallback',
      summary: "Make a job's webhook call again",
      description:
        'Sends the same payload under the same id. A delivery that has ended gets a new series of attempts, and must be given its ' +
        'secret again, which is not kept; one that waits for its next attempt gets it now.',
      request: {
        params: jobParams.extend({ delivery: z.string() }),
        query: noInput,
        body: { ...describeJsonBody(secretBody), required: false },
      },
      responses: {
        202: describeResponse('The delivery, which is pending.', delivery),
        ...describeErrors(400, 401, 403, 404),
      },
    },
    async (c, { params }) => {
      const own = withActor(c, jobs);
      const text = await readBodyText(c, maxBytes);
      const permitted = await requireReplayRight(own, params.id);
      const { secret } = text === '' ? {} : parseBody(secretBody, readBodyObject(text));
      const replayed = await replayCallback(own, permitted, params.delivery, secret);
      await tryEnqueue(jobs, 'deliveries', [replayed.id]);
      return c.json(replayed, 202);
    },
  );
}
