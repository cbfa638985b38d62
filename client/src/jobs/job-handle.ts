import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { Job, SucceededJob } from '../types/jobs.ts';
import { followJob } from './follow-job.ts';
import { jobPath } from './job-path.ts';
import { isFinal, requireSuccess } from './job-state.ts';

/** Job that was sent, and the ways to follow it. */
export interface JobHandle {
  readonly id: string;
  /** Job as it was seen last. */
  readonly job: Job;
  /** Yields the job now and after each change, to its end. */
  events(options?: CallOptions): AsyncGenerator<Job, void>;
  /** Waits for the end. @throws {RegistryError} the error of a job that fails, and `job.cancelled` */
  wait(options?: CallOptions): Promise<SucceededJob>;
  /** Cancels the job. @throws {RegistryError} `job.final` */
  cancel(options?: CallOptions): Promise<Job>;
}

/** Creates the handle of a job. */
export function createJobHandle(transport: Transport, first: Job): JobHandle {
  const path = jobPath(first.id);
  let job = first;
  async function* events(options?: CallOptions): AsyncGenerator<Job, void> {
    if (isFinal(job)) {
      yield job;
      return;
    }
    for await (const changed of followJob(transport, path, options)) {
      job = changed;
      yield changed;
    }
  }
  return {
    id: first.id,
    get job() {
      return job;
    },
    events,
    async wait(options) {
      for await (const _ of events(options));
      return requireSuccess(job);
    },
    async cancel(options) {
      job = await transport.json<Job>({ ...options, method: 'DELETE', path });
      return job;
    },
  };
}
