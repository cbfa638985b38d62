import type { CallOptions } from '../transport/options.ts';
import { delayAfterError, sleep } from '../transport/retries.ts';
import type { Transport } from '../transport/transport.ts';
import type { Job } from '../types/jobs.ts';
import { isFinal } from './job-state.ts';
import { isStreamBlockedError, resumeEvents } from './resume-events.ts';

/** Milliseconds between two polls. */
const pollMs = 1_000;

/** Polls in a row that may fail. */
const maxFailedPolls = 10;

/**
 * Yields a job now and after each change, to its end. Connections that break are opened again and resume where they
 * broke; where streams do not pass a proxy, the job is polled.
 * @throws {RegistryError} as `resumeEvents`; the reason of the signal
 */
export async function* followJob(
  transport: Transport,
  path: string,
  options: CallOptions = {},
): AsyncGenerator<Job, void> {
  let seen = '';
  for await (const job of streamOrPollJob(transport, path, options)) {
    const now = JSON.stringify(job);
    if (now !== seen) yield job;
    seen = now;
    if (isFinal(job)) return;
  }
}

async function* streamOrPollJob(
  transport: Transport,
  path: string,
  options: CallOptions,
): AsyncGenerator<Job, void> {
  try {
    for await (const { type, data } of resumeEvents(transport, { ...options, path: `${path}/events` })) {
      if (type !== 'job' || data === undefined) continue;
      const job: Job = JSON.parse(data);
      yield job;
    }
  } catch (error) {
    if (!isStreamBlockedError(error)) throw error;
    yield* pollJob(transport, path, options);
  }
}

async function* pollJob(transport: Transport, path: string, options: CallOptions): AsyncGenerator<Job, void> {
  let failures = 0;
  for (;;) {
    let delayMs: number | undefined = pollMs;
    try {
      const job = await transport.json<Job>({ ...options, path });
      failures = 0;
      yield job;
    } catch (error) {
      failures += 1;
      delayMs = delayAfterError(error, failures);
      if (failures >= maxFailedPolls || delayMs === undefined) throw error;
    }
    await sleep(delayMs, options.signal);
  }
}
