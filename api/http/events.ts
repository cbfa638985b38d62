import type { Context as HonoContext } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { JobDeps } from '../../core/jobs/jobs.ts';
import { followJob, readJob } from '../../core/jobs/read.ts';
import { viewJob } from '../../core/jobs/view.ts';
import { createDeadline } from '../../core/runtime/deadline.ts';
import type { Env } from './env.ts';

/** Milliseconds between two comments that keep proxies from closing a stream on which nothing happens. */
const heartbeatMs = 15_000;

/**
 * Streams a job's changes until its final one, or until the client or this process goes. The next change is read when the
 * client has taken the last, so that one that does not read holds one event in memory.
 */
export async function streamJob(
  c: HonoContext<Env>,
  jobs: JobDeps,
  id: string,
  closing: AbortSignal,
): Promise<Response> {
  // A job that does not exist is a 404, not a stream.
  await readJob(jobs.db, id);
  c.header('X-Accel-Buffering', 'no');
  return streamSSE(c, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    const until = createDeadline(undefined, [gone.signal, closing]);
    // A comment that nobody has taken is enough: more would pile up.
    let isBeating = false;
    const heartbeat = setInterval(async () => {
      if (isBeating) return;
      isBeating = true;
      await stream.write(': still here\n\n');
      isBeating = false;
    }, heartbeatMs);
    try {
      let number = 0;
      for await (const job of followJob(jobs, id, until.signal)) {
        number += 1;
        await stream.writeSSE({ event: 'job', id: String(number), data: JSON.stringify(viewJob(job)) });
      }
    } finally {
      clearInterval(heartbeat);
      until.dispose();
    }
  });
}
