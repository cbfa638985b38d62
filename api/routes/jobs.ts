import { z } from '@hono/zod-openapi';
import { isChartName, isSpaceName } from '../../core/chart/names.ts';
import type { Context } from '../../core/context.ts';
import { cancelJob } from '../../core/jobs/cancel.ts';
import { isFinal, type Job, jobStates } from '../../core/jobs/job.ts';
import { readJobFor, requireCancel } from '../../core/jobs/job-access.ts';
import type { JobDeps } from '../../core/jobs/jobs.ts';
import { listJobs } from '../../core/jobs/list-jobs.ts';
import { maskJob } from '../../core/jobs/mask-job.ts';
import { type JobView, viewJob } from '../../core/jobs/view.ts';
import { listDeliveries } from '../../core/webhooks/list-deliveries.ts';
import { withActor } from '../access/route-access.ts';
import { listResponse, toPaging } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { streamJob } from '../http/events.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { deliveryList, job, jobList } from '../job-schemas.ts';
import { links } from '../links.ts';
import { answer, errors, jobParams, pageQuery } from '../schemas.ts';

const tags = ['Jobs'];
const jobFilter = pageQuery.extend({
  space: z.string().refine(isSpaceName, 'no name for a space').optional(),
  chart: z.string().refine(isChartName, 'no name for a chart').optional(),
  state: z.enum(jobStates, `expected one of ${jobStates.join(', ')}`).optional(),
});

/** Mounts the routes of jobs: list, read, cancel, events, deliveries. */
export function mountJobs(app: App, context: Context): void {
  mountJobList(app, context);
  mountJob(app, context);
  mountJobDetails(app, context);
}

function mountJobList(app: App, { jobs, inFlight }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/jobs',
      access: { right: 'job.read', checkedBy: 'handler' },
      tags,
      summary: 'List jobs, newest first',
      request: { params: noInput, query: jobFilter },
      responses: { 200: answer('Jobs. The total is counted up to 10,000.', jobList), ...errors(400) },
    },
    async (c, { query }) => {
      inFlight.admit();
      const { start, limit, ...filter } = query;
      const paging = toPaging({ start, limit });
      const own = withActor(c, jobs);
      const { total, items } = await listJobs(own, filter, paging);
      return listResponse(
        c,
        { total, items: await Promise.all(items.map((job) => viewFor(own, job))) },
        paging,
      );
    },
  );
}

function mountJob(app: App, { jobs }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/jobs/{id}',
      access: { right: 'job.read', checkedBy: 'handler' },
      tags,
      summary: 'A job',
      request: { params: jobParams, query: noInput },
      responses: { 200: answer('The job; `Retry-After` while it is not over.', job), ...errors(404) },
    },
    async (c, { params }) => {
      const own = withActor(c, jobs);
      const found = await readJobFor(own, params.id);
      if (!isFinal(found.state)) c.header('Retry-After', '1');
      return c.json(await viewFor(own, found));
    },
  );

  mountRoute(
    app,
    {
      method: 'delete',
      path: '/api/v1/jobs/{id}',
      access: { right: 'job.cancel', checkedBy: 'handler' },
      tags,
      summary: 'Cancel a job',
      request: { params: jobParams, query: noInput },
      responses: { 202: answer('Cancelled.', job), ...errors(404, 409) },
    },
    async (c, { params }) => {
      const own = withActor(c, jobs);
      await requireCancel(own, params.id);
      return c.json(await viewFor(own, await cancelJob(own, params.id)), 202);
    },
  );
}

function mountJobDetails(app: App, { jobs, closing }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/jobs/{id}/events',
      access: { right: 'job.read', checkedBy: 'handler' },
      tags,
      summary: 'A job as server-sent events',
      description:
        'One event `job` for each change, with the job as its data; the stream ends after the final state.',
      request: { params: jobParams, query: noInput },
      responses: {
        200: { description: 'Events.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
        ...errors(404),
      },
    },
    async (c, { params }) => {
      const own = withActor(c, jobs);
      // Answer 404 for an unknown job before the stream begins.
      await readJobFor(own, params.id);
      return streamJob(c, own, params.id, closing);
    },
  );

  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/jobs/{id}/deliveries',
      access: { right: 'job.read', checkedBy: 'handler' },
      tags,
      summary: "A job's webhook calls, each with its attempts",
      request: { params: jobParams, query: pageQuery },
      responses: { 200: answer('Deliveries.', deliveryList), ...errors(400, 404) },
    },
    async (c, { params, query }) => {
      const { id } = await readJobFor(withActor(c, jobs), params.id);
      const paging = toPaging(query);
      return listResponse(c, await listDeliveries(jobs.db, id, paging.start, paging.limit), paging);
    },
  );
}

/** Renders a job as its reader may see it. */
async function viewFor({ actor }: JobDeps, job: Job): Promise<JobView> {
  return viewJob(await maskJob(actor, job), links);
}
