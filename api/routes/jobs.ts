import type { Context } from '../../core/context.ts';
import { cancelJob } from '../../core/jobs/cancel.ts';
import { isFinal } from '../../core/jobs/job.ts';
import { mayKnowCallback, readVisibleJob, requireCancelRight } from '../../core/jobs/job-access.ts';
import { readJobRecipe } from '../../core/jobs/job-recipe.ts';
import { listDeliveries } from '../../core/webhooks/list-deliveries.ts';
import { maskUrl, maskUrlPath } from '../../core/webhooks/mask-url.ts';
import { withActor } from '../access/route-access.ts';
import { listResponse, toPaging } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { readLastEventId } from '../http/event-stream.ts';
import { eventIdOfJob, streamJob } from '../http/events.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { sendText } from '../http/send-text.ts';
import { sentRecipe } from '../job-part-schemas.ts';
import { deliveryList, job } from '../job-schemas.ts';
import { eventsContent } from '../openapi/contents.ts';
import { eventExample } from '../openapi/examples.ts';
import { withHeaders } from '../openapi/headers.ts';
import { describeErrors, describeResponse, jobParams, pageQuery } from '../schemas.ts';
import { viewMaskedJob } from './view-masked-job.ts';

const tags = ['Jobs'];

/** Mounts the routes of a job: read, cancel, events, recipe, deliveries. */
export function mountJobs(app: App, context: Context): void {
  mountJob(app, context);
  mountJobStream(app, context);
  mountJobDetails(app, context);
}

function mountJob(app: App, { jobs }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/jobs/{id}',
      access: { right: 'job.read', checkedBy: 'handler' },
      tags,
      operationId: 'getJob',
      summary: 'A job',
      description: 'Where it stands, what it is made from, and its result or its error.',
      request: { params: jobParams, query: noInput },
      responses: {
        200: withHeaders(
          describeResponse('The job; `Retry-After` while it is not over.', job),
          'Retry-After',
        ),
        ...describeErrors(404),
      },
    },
    async (c, { params }) => {
      const own = withActor(c, jobs);
      const found = await readVisibleJob(own, params.id);
      if (!isFinal(found.state)) c.header('Retry-After', '1');
      return c.json(await viewMaskedJob(own, found));
    },
  );

  mountRoute(
    app,
    {
      method: 'delete',
      path: '/api/v1/jobs/{id}',
      access: { right: 'job.cancel', checkedBy: 'handler' },
      tags,
      operationId: 'cancelJob',
      summary: 'Cancel a job',
      description: 'A job that is over stays as it is.',
      request: { params: jobParams, query: noInput },
      responses: { 202: describeResponse('Cancelled.', job), ...describeErrors(404, 409) },
    },
    async (c, { params }) => {
      const own = withActor(c, jobs);
      await requireCancelRight(own, params.id);
      return c.json(await viewMaskedJob(own, await cancelJob(own, params.id)), 202);
    },
  );
}

function mountJobStream(app: App, { jobs, closing }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/jobs/{id}/events',
      access: { right: 'job.read', checkedBy: 'handler' },
      tags,
      operationId: 'streamJob',
      summary: 'A job as server-sent events',
      description:
        'An event `job` for each change, with the job as its data; the stream ends after the final state. A client that sends ' +
        'the id of its last event as `Last-Event-ID` does not get the same again: 204 where the job is over with it.',
      request: { params: jobParams, query: noInput },
      responses: {
        200: { description: 'Events.', content: eventsContent('Job', eventExample) },
        204: { description: 'The job is over, and the client has its last event.' },
        ...describeErrors(404),
      },
    },
    async (c, { params }) => {
      const own = withActor(c, jobs);
      // Answer 404 for an unknown job before the stream begins.
      const found = await readVisibleJob(own, params.id);
      if (isFinal(found.state) && eventIdOfJob(await viewMaskedJob(own, found)) === readLastEventId(c))
        return c.body(null, 204);
      return streamJob(c, own, params.id, closing);
    },
  );
}

function mountJobDetails(app: App, { jobs, inFlight }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/jobs/{id}/recipe',
      access: { right: 'job.read', checkedBy: 'handler' },
      tags,
      operationId: 'getJobRecipe',
      summary: 'The recipe of a job',
      description:
        'As it was sent, without its callback. For its author, and for readers who may read each of its sources.',
      request: { params: jobParams, query: noInput },
      responses: { 200: describeResponse('The recipe.', sentRecipe), ...describeErrors(403, 404) },
    },
    async (c, { params }) => {
      const text = await inFlight.make(
        '',
        () => readJobRecipe(withActor(c, jobs), params.id),
        c.env?.outgoing,
      );
      return sendText(c, text);
    },
  );

  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/jobs/{id}/deliveries',
      access: { right: 'job.read', checkedBy: 'handler' },
      tags,
      operationId: 'listJobDeliveries',
      summary: "A job's webhook calls, each with its attempts",
      description:
        'Calls of the callback that the recipe names. Its address is shown with the values of its query masked, and to those who neither sent the recipe nor manage the webhooks of its space by scheme and host alone.',
      request: { params: jobParams, query: pageQuery },
      responses: { 200: describeResponse('Deliveries.', deliveryList), ...describeErrors(400, 404) },
    },
    async (c, { params, query }) => {
      const own = withActor(c, jobs);
      const found = await readVisibleJob(own, params.id);
      const mask = (await mayKnowCallback(own.actor, found)) ? maskUrl : maskUrlPath;
      const paging = toPaging(query);
      return listResponse(c, await listDeliveries(own, found.id, paging, mask), paging);
    },
  );
}
