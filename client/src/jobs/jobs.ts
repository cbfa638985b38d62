import { createList, type List } from '../lists/list.ts';
import { encodeSegment } from '../transport/address.ts';
import { type CallBody, jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { Delivery, FollowedJobs, Job, JobChange, JobCounts, JobFilter } from '../types/jobs.ts';
import type { Recipe } from '../types/recipes.ts';
import { followJob } from './follow-job.ts';
import { createJobHandle, type JobHandle } from './job-handle.ts';
import { jobPath, jobsPath } from './job-path.ts';
import { resumeEvents } from './resume-events.ts';

/** Jobs of the registry. */
export interface JobsClient {
  /** Jobs, the newest first. The total is counted up to 10,000. */
  list(filter?: JobFilter, options?: CallOptions): List<Job>;
  /** Reads a job. @throws {RegistryError} `job.notFound` */
  get(id: string, options?: CallOptions): Promise<Job>;
  /** Reads a job, with the ways to follow it. @throws {RegistryError} `job.notFound` */
  handle(id: string, options?: CallOptions): Promise<JobHandle>;
  /** Yields a job now and after each change, to its end. */
  events(id: string, options?: CallOptions): AsyncGenerator<Job, void>;
  /**
   * Yields every change of jobs, until the signal aborts. Read lists again after a `reset`: the first says that the stream
   * has begun, so that a list which is read then misses nothing.
   */
  changes(filter?: FollowedJobs, options?: CallOptions): AsyncGenerator<JobChange, void>;
  /** Counts jobs by their states. */
  counts(filter?: { space?: string }, options?: CallOptions): Promise<JobCounts>;
  /** Cancels a job. @throws {RegistryError} `job.final` */
  cancel(id: string, options?: CallOptions): Promise<Job>;
  /** Reads the recipe of a job, without its callback. */
  recipe(id: string, options?: CallOptions): Promise<Recipe>;
  /** Calls of the callback of a job. */
  deliveries(id: string, options?: CallOptions): List<Delivery>;
  /** Makes the call of a delivery again; one that has ended and is signed needs its secret. */
  replay(id: string, delivery: string, secret?: string, options?: CallOptions): Promise<Delivery>;
}

/** Creates the client of jobs. */
export function createJobs(transport: Transport): JobsClient {
  return {
    list: (filter, options) => createList(transport, { ...options, path: jobsPath, query: { ...filter } }),
    get: (id, options) => transport.json({ ...options, path: jobPath(id) }),
    handle: async (id, options) =>
      createJobHandle(transport, await transport.json<Job>({ ...options, path: jobPath(id) })),
    events: (id, options) => followJob(transport, jobPath(id), options),
    async *changes(filter, options) {
      const call = { ...options, path: `${jobsPath}/events`, query: { ...filter } };
      let hasBegun = false;
      for await (const { type, data } of resumeEvents(transport, call)) {
        if (!hasBegun || type === 'reset') yield { kind: 'reset' };
        hasBegun = true;
        if (type !== 'job' || data === undefined) continue;
        const job: Job = JSON.parse(data);
        yield { kind: type, job };
      }
    },
    counts: (filter, options) =>
      transport.json({ ...options, path: `${jobsPath}/counts`, query: { ...filter } }),
    cancel: (id, options) => transport.json({ ...options, method: 'DELETE', path: jobPath(id) }),
    recipe: (id, options) => transport.json({ ...options, path: `${jobPath(id)}/recipe` }),
    deliveries: (id, options) => createList(transport, { ...options, path: `${jobPath(id)}/deliveries` }),
    replay: (id, delivery, secret, options) =>
      transport.json({
        ...options,
        method: 'POST',
        path: `${jobPath(id)}/deliveries/${encodeSegment(delivery)}/replay`,
        body: secretBody(secret),
      }),
  };
}

function secretBody(secret: string | undefined): CallBody {
  return jsonBody(secret === undefined ? {} : { secret });
}
