import { RegistryError } from '../core/errors.ts';
import { reportJob, untaken } from '../core/jobs/claim.ts';
import { JobLost, succeedJob } from '../core/jobs/complete.ts';
import type { JobStage } from '../core/jobs/job.ts';
import type { Jobs } from '../core/jobs/jobs.ts';
import { namingSources } from '../core/jobs/source-fault.ts';
import type { Handler } from '../core/queue/port.ts';
import type { Log } from '../core/runtime/log.ts';
import { composeChart } from './compose-chart.ts';
import { gatherSources } from './gather-sources.ts';
import { type HeldJob, holdJob } from './job-claim.ts';
import { giveBack, settleFailure } from './job-failure.ts';
import type { SourceCache } from './source-cache.ts';

/** After so many takings a job is given up: it may be what kills its workers. */
const mostAttempts = 40;

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
  const gathered = gatherSources(plan, jobs.limits);
  const { wanted, sources } = gathered;
  for (const digest of wanted) {
    gathered.add(digest, await namingSources(plan, () => cache.load(digest)));
    signal.throwIfAborted();
    await report('fetching', sources.size);
  }
  await report('composing', wanted.length);
  const composed = await composeChart(jobs, plan, gathered);
  signal.throwIfAborted();
  await report('storing', wanted.length);
  const job = await held.settled();
  if (!job) throw new JobLost();
  await succeedJob(jobs, job, composed);
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
