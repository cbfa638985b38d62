import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import { isChartName, isSpaceName } from '../../core/chart/names.ts';
import type { Context } from '../../core/context.ts';
import { cancelJob } from '../../core/jobs/cancel.ts';
import { isFinal, type Job, jobStates } from '../../core/jobs/job.ts';
import type { JobDeps } from '../../core/jobs/jobs.ts';
import { listJobs, readJob } from '../../core/jobs/read.ts';
import { viewJob } from '../../core/jobs/view.ts';
import { listDeliveries } from '../../core/webhooks/list-deliveries.ts';
import { actorOf } from '../access/route-access.ts';
import { listResponse, toPaging } from '../http/cached-response.ts';
import type { App, Env } from '../http/env.ts';
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
      const page = await listJobs(jobs.db, filter, paging);
      return listResponse(
        c,
        { total: page.total, items: page.items.map((job) => viewJob(job, links)) },
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
      const found = await readJobFor(c, jobs, params.id, 'job.read');
      if (!isFinal(found.state)) c.header('Retry-After', '1');
      return c.json(viewJob(found, links));
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
      await readJobFor(c, jobs, params.id, 'job.cancel');
      return c.json(viewJob(await cancelJob(jobs, params.id), links), 202);
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
      await readJobFor(c, jobs, params.id, 'job.read');
      return streamJob(c, jobs, params.id, closing);
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
      const { id } = await readJobFor(c, jobs, params.id, 'job.read');
      const paging = toPaging(query);
      return listResponse(c, await listDeliveries(jobs.db, id, paging.start, paging.limit), paging);
    },
  );
}

/** Reads a job, and checks a right in the space that it composes into. */
async function readJobFor(
  c: HonoContext<Env>,
  jobs: JobDeps,
  id: string,
  right: 'job.read' | 'job.cancel',
): Promise<Job> {
  const job = await readJob(jobs, id);
  await actorOf(c).require(right, job);
  return job;
}
