import { contentOf } from '../core/blobs/content.ts';
import type { Digest } from '../core/blobs/port.ts';
import { RegistryError } from '../core/errors.ts';
import { JobLost, succeedJob } from '../core/jobs/finish.ts';
import type { JobStage } from '../core/jobs/job.ts';
import type { Jobs } from '../core/jobs/jobs.ts';
import { reportJob, untaken } from '../core/jobs/take.ts';
import type { Log } from '../core/log.ts';
import type { Handler } from '../core/queue/port.ts';
import { composePrepared, type Source } from '../core/recipe/compose-prepared.ts';
import { storedSources } from '../core/recipe/plan.ts';
import { type HeldJob, holdJob } from './hold-job.ts';
import { giveBack, settleFailure } from './leave-job.ts';
import { type SourceCache, sizeOf } from './source-cache.ts';

/** After so many takings a job is given up: it may be what kills its workers. */
const mostAttempts = 40;

/** Sources of one job may have so many times the bytes of the largest chart: they are in memory together. */
const mostSources = 3;

/** Handles one orchestration after another: take, fetch, compose, store, all of it safe to be done twice. */
export function createOrchestrate(jobs: Jobs, sources: SourceCache, log: Log): Handler {
  return async (arrival) => {
    const held = await holdJob(jobs, arrival.id, log);
    if (!held) return;
    try {
      const { attempts } = held.begun;
      if (attempts > mostAttempts)
        throw new RegistryError('internal', 'The job was given up after too many attempts.');
      const working = orchestrate(jobs, sources, held, arrival.signal);
      if (await endsInTime(working, arrival.signal)) {
        await working;
        log.info({ job: arrival.id, attempts }, 'job succeeded');
      } else {
        await giveBack(jobs, held, working, log);
      }
    } catch (error) {
      await settleFailure(jobs, held, arrival, error, log);
    } finally {
      held.leave();
    }
  };
}

/** Waits for the work, or for the end of what time there is. @returns which of the two it was */
async function endsInTime(working: Promise<void>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  let end: () => void = () => undefined;
  const ended = new Promise<boolean>((resolve) => {
    end = () => resolve(false);
    signal.addEventListener('abort', end, { once: true });
  });
  const settled = () => true;
  const inTime = await Promise.race([working.then(settled, settled), ended]);
  signal.removeEventListener('abort', end);
  return inTime;
}

async function orchestrate(
  jobs: Jobs,
  cache: SourceCache,
  held: HeldJob,
  signal: AbortSignal,
): Promise<void> {
  const report = createReport(jobs, held);
  const { plan } = held.begun;
  const wanted = [...new Set(storedSources(plan.root).map((source) => source.digest))];
  const loaded = new Map<Digest, Source>();
  let size = 0;
  for (const digest of wanted) {
    const source = await cache.load(digest);
    loaded.set(digest, source);
    size += sizeOf(source.chart);
    if (size > mostSources * jobs.limits.unpacked) throw tooLarge(mostSources * jobs.limits.unpacked);
    signal.throwIfAborted();
    await report('fetching', loaded.size);
  }
  await report('composing', wanted.length);
  const composed = await composePrepared(plan, loaded, jobs.limits);
  signal.throwIfAborted();
  const archive = contentOf(composed.archive);
  const summary = await composed.inspect();
  signal.throwIfAborted();
  await report('storing', wanted.length);
  const job = await held.settled();
  if (!job) throw new JobLost();
  await succeedJob(jobs, job, archive, summary);
}

function tooLarge(limit: number): RegistryError {
  return new RegistryError(
    'archive.tooLarge',
    `The recipe's sources have more than ${limit} bytes unpacked.`,
  );
}

/** Milliseconds in which nobody needs to hear more of a job: most are over before. */
const reportInterval = 250;

/** Says from time to time what a job is at. */
function createReport(jobs: Jobs, held: HeldJob): (stage: JobStage, done: number) => Promise<void> {
  let last = performance.now();
  return async (stage, done) => {
    if (performance.now() - last < reportInterval) return;
    last = performance.now();
    const job = held.now();
    if (!job) throw new JobLost();
    if (job.fence !== untaken && !(await reportJob(jobs.db, job, { stage, done }))) throw new JobLost();
  };
}
