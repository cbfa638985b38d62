import type { Context as HonoContext } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Actor } from '../../core/access/actor.ts';
import { isRegistryError } from '../../core/errors.ts';
import type { Job } from '../../core/jobs/job.ts';
import { mayReadJob } from '../../core/jobs/job-access.ts';
import type { JobDeps } from '../../core/jobs/jobs.ts';
import { maskJob } from '../../core/jobs/mask-job.ts';
import { followJob } from '../../core/jobs/read.ts';
import { type JobView, viewJob } from '../../core/jobs/view.ts';
import { createDeadline } from '../../core/runtime/deadline.ts';
import { links } from '../links.ts';
import type { Env } from './env.ts';
import { eventIdOfData, readLastEventId } from './event-stream.ts';

/** Milliseconds between two comments, which keep proxies from closing a silent stream; the right is checked as often. */
const heartbeatMs = 15_000;

/**
 * Streams a job's changes as server-sent events. The stream ends when the job, the client, this process or the right
 * to see it ends. The next change is read once the client has read the last: a client that does not read holds one
 * event in memory.
 */
export async function streamJob(
  c: HonoContext<Env>,
  jobs: JobDeps,
  id: string,
  closing: AbortSignal,
): Promise<Response> {
  c.header('X-Accel-Buffering', 'no');
  return streamSSE(c, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    const deadline = createDeadline(undefined, [gone.signal, closing]);
    // Send no further heartbeat while the client has not read the last.
    let isBeating = false;
    let job: Job | undefined;
    const heartbeat = setInterval(async () => {
      if (isBeating) return;
      isBeating = true;
      if (job && !(await mayStreamJob(jobs.actor, job))) return gone.abort();
      await stream.write(': still here\n\n');
      isBeating = false;
    }, heartbeatMs);
    try {
      let known = readLastEventId(c);
      for await (const changed of followJob(jobs, id, deadline.signal)) {
        job = changed;
        if (!(await mayStreamJob(jobs.actor, changed))) return;
        const view = viewJob(await maskJob(jobs.actor, changed), links);
        const eventId = eventIdOfJob(view);
        if (eventId !== known)
          await stream.writeSSE({ event: 'job', id: eventId, data: JSON.stringify(view) });
        known = eventId;
      }
    } finally {
      clearInterval(heartbeat);
      deadline.dispose();
    }
  });
}

/** Returns the id of the event that tells a job as it is. A client that has it is up to date. */
export function eventIdOfJob(view: JobView): string {
  return eventIdOfData(JSON.stringify(view));
}

/** Whether an actor may still see a job; a credential that is no longer valid ends the stream too. */
async function mayStreamJob(actor: Actor, job: Job): Promise<boolean> {
  try {
    return await mayReadJob(actor, job);
  } catch (error) {
    if (isRegistryError(error, 'access.unauthenticated')) return false;
    throw error;
  }
}
