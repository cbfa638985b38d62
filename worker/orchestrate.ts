import { RegistryError } from '../core/errors.ts';
import {
  type ClaimedJob,
  type ClaimedRow,
  leaseSeconds,
  renewJob,
  reportProgress,
} from '../core/jobs/claim.ts';
import { JobLost, succeedJob } from '../core/jobs/complete.ts';
import type { JobDeps } from '../core/jobs/jobs.ts';
import { withFaultySourceNamed } from '../core/jobs/source-fault.ts';
import { enterStage, type JobStage } from '../core/jobs/stages.ts';
import type { Arrival, Handler } from '../core/queue/port.ts';
import type { Log } from '../core/runtime/log.ts';
import type { SourceCache } from '../core/sources/source-cache.ts';
import { composeChart } from './compose-chart.ts';
import { createGatheredSources } from './gather-sources.ts';
import { handleFailure, releaseAtShutdown } from './job-failure.ts';

/** Largest number of claims of a job; a job with more may be the one that kills its workers. */
const maxClaims = 40;

/**
 * Creates the queue handler that runs jobs: claim, load sources, compose, store. Every step is safe to be repeated.
 */
export function createOrchestrateHandler(jobs: JobDeps, sources: SourceCache, log: Log): Handler {
  return async (arrival) => {
    const claimed = await jobs.claim(arrival.id);
    if (!claimed) return;
    const { id, attempts, traceparent: parent } = claimed.job;
    const attributes = { 'job.id': id, 'job.attempt': attempts };
    await jobs.tracing.run({ name: 'run job', kind: 'consumer', parent, attributes }, () =>
      runJob(jobs, sources, claimed, arrival, log),
    );
  };
}

/** Runs a claimed job to its end, or returns it to the queue. */
async function runJob(
  jobs: JobDeps,
  sources: SourceCache,
  claimed: ClaimedRow,
  arrival: Arrival,
  log: Log,
): Promise<void> {
  const { job } = claimed;
  job.traceparent = jobs.tracing.traceparent() ?? job.traceparent;
  const stopRenewing = startRenewingClaim(jobs, job, log);
  try {
    if (job.attempts > maxClaims)
      throw new RegistryError('internal', 'The job was given up after too many attempts.');
    const working = composeAndStore(jobs, sources, claimed, arrival.signal);
    if (await endsBeforeAbort(working, arrival.signal)) {
      await working;
      log.info({ job: job.id, attempts: job.attempts }, 'job succeeded');
    } else {
      await releaseAtShutdown(jobs, job, working, log);
    }
  } catch (error) {
    jobs.tracing.noteError(error);
    await handleFailure(jobs, job, arrival, error, log);
  } finally {
    stopRenewing();
  }
}

/** Renews the claim of a job, also while its plan is read, which may wait for a thread. @returns stops that */
function startRenewingClaim(jobs: JobDeps, job: ClaimedJob, log: Log): () => void {
  const renew = () => {
    // A failed renewal needs no action: the transaction that ends the job checks the fence.
    renewJob(jobs.db, job).catch((error) => log.warn({ job: job.id, error }, 'renewal failed'));
  };
  const renewal = setInterval(renew, (leaseSeconds * 1000) / 3);
  return () => clearInterval(renewal);
}

/** Waits for the work or for the worker's shutdown. @returns whether the work ended first */
async function endsBeforeAbort(working: Promise<void>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  let end: () => void = () => undefined;
  const ended = new Promise<boolean>((resolve) => {
    end = () => resolve(false);
    signal.addEventListener('abort', end, { once: true });
  });
  const finishedInTime = () => true;
  const inTime = await Promise.race([working.then(finishedInTime, finishedInTime), ended]);
  signal.removeEventListener('abort', end);
  return inTime;
}

async function composeAndStore(
  jobs: JobDeps,
  cache: SourceCache,
  { job, space, planText }: ClaimedRow,
  signal: AbortSignal,
): Promise<void> {
  const report = createStageReporter(jobs, job);
  const plan = await jobs.charts.readPlan(space, planText);
  const gathered = createGatheredSources(plan, jobs.limits);
  const { wanted, sources } = gathered;
  for (const digest of wanted) {
    gathered.add(digest, await withFaultySourceNamed(plan, () => cache.load(digest)));
    signal.throwIfAborted();
    await report('fetching', sources.size);
  }
  enterStage(job, 'composing');
  await report('composing', wanted.length);
  const composed = await composeChart(jobs, plan, gathered);
  signal.throwIfAborted();
  enterStage(job, 'storing');
  await report('storing', wanted.length);
  await succeedJob(jobs, job, plan, composed);
}

/** Milliseconds between two reports; most jobs end before the first. */
const reportIntervalMs = 250;

/** Creates a function that stores a job's stage from time to time. */
function createStageReporter(
  jobs: JobDeps,
  job: ClaimedJob,
): (stage: JobStage, done: number) => Promise<void> {
  let last = performance.now();
  return async (stage, done) => {
    if (performance.now() - last < reportIntervalMs) return;
    last = performance.now();
    if (!(await reportProgress(jobs.db, job, { stage, done }))) throw new JobLost();
  };
}
