import type { Context as HonoContext } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { JobDeps } from '../../core/jobs/jobs.ts';
import { followJob, readJob } from '../../core/jobs/read.ts';
import { viewJob } from '../../core/jobs/view.ts';
import { createDeadline } from '../../core/runtime/deadline.ts';
import { links } from '../links.ts';
import type { Env } from './env.ts';

/** Milliseconds between two comments, which keep proxies from closing a silent stream. */
const heartbeatMs = 15_000;

/**
 * Streams a job's changes as server-sent events, until the job, the client or this process ends. The next change is
 * read once the client has read the last: a client that does not read holds one event in memory.
 */
export async function streamJob(
  c: HonoContext<Env>,
  jobs: JobDeps,
  id: string,
  closing: AbortSignal,
): Promise<Response> {
  // Answer 404 for an unknown job before the stream begins.
  await readJob(jobs, id);
  c.header('X-Accel-Buffering', 'no');
  return streamSSE(c, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    const deadline = createDeadline(undefined, [gone.signal, closing]);
    // Send no further heartbeat while the client has not read the last.
    let isBeating = false;
    const heartbeat = setInterval(async () => {
      if (isBeating) return;
      isBeating = true;
      await stream.write(': still here\n\n');
      isBeating = false;
    }, heartbeatMs);
    try {
      let number = 0;
      for await (const job of followJob(jobs, id, deadline.signal)) {
        number += 1;
        await stream.writeSSE({
          event: 'job',
          id: String(number),
          data: JSON.stringify(viewJob(job, links)),
        });
      }
    } finally {
      clearInterval(heartbeat);
      deadline.dispose();
    }
  });
}
