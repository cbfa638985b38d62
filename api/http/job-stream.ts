import { Readable } from 'node:stream';
import type { Context as HonoContext } from 'hono';
import type { Job } from '../../core/jobs/job.ts';
import type { JobDeps } from '../../core/jobs/jobs.ts';
import { type JobStreamFilter, openJobStream, type StreamEvent } from '../../core/jobs/stream/follow-jobs.ts';
import { viewJob } from '../../core/jobs/view.ts';
import type { InFlight } from '../../core/read-cache/in-flight.ts';
import { links } from '../links.ts';
import type { Env } from './env.ts';
import { eventHeaders, readLastEventId, renderEvent, renderHeartbeat } from './event-stream.ts';
import { sendStream } from './send-blob.ts';

/**
 * Streams the changes of jobs as server-sent events. The stream ends with the client, this process or the rights to
 * read them. The next change is sent once the client has read the last. A client that reads too slowly is cut off, and
 * resumes.
 * @throws {RegistryError} `service.busy`
 */
export async function streamJobs(
  c: HonoContext<Env>,
  jobs: JobDeps,
  followed: JobStreamFilter,
  inFlight: InFlight,
): Promise<Response> {
  if (c.req.method === 'HEAD') return c.body(null, 200, eventHeaders);
  inFlight.admit();
  const resumed = readLastEventId(c);
  const since = resumed === undefined ? undefined : ((await jobs.positions.read(resumed)) ?? 'lost');
  const stream = await openJobStream(jobs, followed, since);
  const texts = renderEvents(stream.events, jobs);
  const body = Readable.from(countInFlight(texts, inFlight));
  const cutOff = () => body.destroy();
  stream.cutOff.addEventListener('abort', cutOff);
  body.once('close', () => {
    stream.cutOff.removeEventListener('abort', cutOff);
    stream.stop();
  });
  return sendStream(c, body, 200, eventHeaders);
}

/** Renders events as texts. The id of each is the position from which the client resumes. */
async function* renderEvents(
  events: AsyncIterable<StreamEvent>,
  { positions }: JobDeps,
): AsyncGenerator<string> {
  for await (const { job, kind, position } of events) {
    const id = positions.write(position);
    if (job) yield renderEvent('job', id, renderJob(job));
    else yield kind === 'reset' ? renderEvent('reset', id, '{}') : renderHeartbeat(id);
  }
}

/** Counts each text as in flight until the next is wanted. */
async function* countInFlight(texts: AsyncIterable<string>, inFlight: InFlight): AsyncGenerator<string> {
  for await (const text of texts) {
    const release = inFlight.add(text.length);
    try {
      yield text;
    } finally {
      release();
    }
  }
}

const renderedJobs = new WeakMap<Job, string>();

/** Renders a job; many readers of one process may get the same. */
function renderJob(job: Job): string {
  const text = renderedJobs.get(job) ?? JSON.stringify(viewJob(job, links));
  renderedJobs.set(job, text);
  return text;
}
