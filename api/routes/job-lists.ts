import { z } from '@hono/zod-openapi';
import { isChartName, isSpaceName } from '../../core/chart/names.ts';
import type { Context } from '../../core/context.ts';
import { countJobs } from '../../core/jobs/count-jobs.ts';
import { type JobState, jobStates } from '../../core/jobs/job.ts';
import { listJobs } from '../../core/jobs/list-jobs.ts';
import { jobSorts } from '../../core/jobs/select-jobs.ts';
import { withActor } from '../access/route-access.ts';
import { listResponse, toPaging } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { streamJobs } from '../http/job-stream.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { jobCounts } from '../job-part-schemas.ts';
import { jobPage } from '../job-schemas.ts';
import { eventsContent } from '../openapi/contents.ts';
import { eventExample } from '../openapi/examples.ts';
import { describeErrors, describeResponse, pageQuery } from '../schemas.ts';
import { viewMaskedJob } from './view-masked-job.ts';

const tags = ['Jobs'];
const isState = (text: string): text is JobState => jobStates.some((state) => state === text);

const space = z.string().refine(isSpaceName, 'no name for a space').optional();
const states = z
  .string()
  .transform((text, context) => {
    const named = text.split(',');
    const known = named.filter(isState);
    if (known.length === named.length) return known;
    context.addIssue(`expected one or more of ${jobStates.join(', ')}, separated by commas`);
    return z.NEVER;
  })
  .optional()
  .openapi({
    type: 'array',
    items: { type: 'string', enum: [...jobStates] },
    param: { style: 'form', explode: false },
    description: 'States, separated by commas.',
  });
const jobStreamQuery = z.object({ space, state: states });
const jobFilter = pageQuery.extend({
  ...{ space, state: states },
  chart: z.string().refine(isChartName, 'no name for a chart').optional(),
  q: z.string().max(200, 'at most 200 characters').optional().openapi({
    description:
      'Part of SPACE/CHART/VERSION, in any case; looked for in the first 10,000 jobs that the other filters let through.',
  }),
  sort: z
    .enum(jobSorts, `expected one of ${jobSorts.join(', ')}`)
    .optional()
    .openapi({
      default: 'created',
      description: '`finished` leaves out jobs that are not over.',
    }),
  order: z.enum(['asc', 'desc'], 'expected asc or desc').optional().openapi({ default: 'desc' }),
});

/** Mounts the routes on all jobs: list, counts, events. */
export function mountJobLists(app: App, context: Context): void {
  mountJobList(app, context);
  mountJobCounts(app, context);
  mountJobStream(app, context);
}

function mountJobList(app: App, { jobs, inFlight }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/jobs',
      access: { right: 'job.read', checkedBy: 'handler' },
      tags,
      operationId: 'listJobs',
      summary: 'List jobs, newest first',
      description:
        'Jobs of all spaces that the reader may see, or of one space or chart. What the reader may not read is masked.',
      request: { params: noInput, query: jobFilter },
      responses: {
        200: describeResponse('Jobs. The total is counted up to 10,000.', jobPage),
        ...describeErrors(400),
      },
    },
    async (c, { query }) => {
      const { start, limit, state, q, sort = 'created', order = 'desc', ...filter } = query;
      const paging = toPaging({ start, limit });
      const own = withActor(c, jobs);
      const page = await inFlight.make(
        '',
        async () => {
          const { total, items } = await listJobs(own, { ...filter, states: state, text: q }, paging, {
            by: sort,
            isDescending: order === 'desc',
          });
          return { total, items: await Promise.all(items.map((job) => viewMaskedJob(own, job))) };
        },
        c.env?.outgoing,
      );
      return listResponse(c, page, paging);
    },
  );
}

function mountJobCounts(app: App, { jobs }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/jobs/counts',
      access: { right: 'job.read', checkedBy: 'handler' },
      tags,
      operationId: 'countJobs',
      summary: 'Count jobs by their states',
      description: 'Counts the jobs that the list would have for the same filter.',
      request: { params: noInput, query: z.object({ space }) },
      responses: {
        200: describeResponse('Counts, of each state up to 10,000.', jobCounts),
        ...describeErrors(400),
      },
    },
    async (c, { query }) => c.json(await countJobs(withActor(c, jobs), query.space)),
  );
}

function mountJobStream(app: App, { jobs, inFlight }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/jobs/events',
      access: { right: 'job.read', checkedBy: 'handler' },
      tags,
      operationId: 'streamJobs',
      summary: 'Changes of jobs as server-sent events',
      description:
        'An event `job` with a job, as a list has it, at each of its changes; of several changes the last may come alone. ' +
        'With the id of an event as `Last-Event-ID` a client resumes after it, at any process, and misses no job’s last state. ' +
        'An event `reset` says that more has changed than was sent: read the list again.',
      request: { params: noInput, query: jobStreamQuery },
      responses: {
        200: { description: 'Events.', content: eventsContent('Job', eventExample) },
        ...describeErrors(400, 503),
      },
    },
    (c, { query }) =>
      streamJobs(c, withActor(c, jobs), { space: query.space, states: query.state }, inFlight),
  );
}
