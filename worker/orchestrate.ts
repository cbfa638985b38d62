import { contentOf } from '../core/blobs/content.ts';
import type { Digest } from '../core/blobs/port.ts';
import type { Chart } from '../core/chart/chart.ts';
import { inspectChart } from '../core/chart/read-chart.ts';
import { RegistryError } from '../core/errors.ts';
import { failJob, JobLost, succeedJob } from '../core/jobs/finish.ts';
import type { JobStage } from '../core/jobs/job.ts';
import type { Jobs } from '../core/jobs/jobs.ts';
import { giveBackJob, renewJob, reportJob, type TakenJob, takeJob } from '../core/jobs/take.ts';
import { leaseSeconds } from '../core/jobs/timings.ts';
import type { Log } from '../core/log.ts';
import { backoffAfter, retryPolicies } from '../core/queue/policies.ts';
import type { Arrival, Handler } from '../core/queue/port.ts';
import { composeArchive } from '../core/recipe/compose.ts';
import { storedSources } from '../core/recipe/plan.ts';
import { type SourceCache, sizeOf } from './source-cache.ts';

/** After so many takings a job is given up: it may be what kills its workers. */
const mostAttempts = 25;

/** Sources of one job may have so many times the bytes of the largest chart: they are in memory together. */
const mostSources = 3;

/** Handles one orchestration after another: take, fetch, compose, store, all of it safe to be done twice. */
export function createOrchestrate(jobs: Jobs, sources: SourceCache, log: Log): Handler {
  return async (arrival) => {
    const job = await takeJob(jobs.db, arrival.id);
    if (!job) return;
    const renewal = setInterval(
      () => {
        // A renewal that fails is no news: the job's last transaction finds out whose it is.
        renewJob(jobs.db, job).catch((error) => log.warn({ job: job.id, error }, 'renewal failed'));
      },
      (leaseSeconds * 1000) / 3,
    );
    try {
      if (job.attempts > mostAttempts)
        throw new RegistryError('internal', 'The job was given up after too many attempts.');
      await orchestrate(jobs, sources, job);
      log.info({ job: job.id, attempts: job.attempts }, 'job succeeded');
    } catch (error) {
      await settleFailure(jobs, job, arrival, error, log);
    } finally {
      clearInterval(renewal);
    }
  };
}

async function orchestrate(jobs: Jobs, cache: SourceCache, job: TakenJob): Promise<void> {
  const wanted = [...new Set(storedSources(job.plan.root).map((source) => source.digest))];
  const charts = new Map<Digest, Chart>();
  let size = 0;
  for (const digest of wanted) {
    const chart = await cache.load(digest);
    charts.set(digest, chart);
    size += sizeOf(chart);
    if (size > mostSources * jobs.limits.unpacked) throw tooLarge(mostSources * jobs.limits.unpacked);
    await report(jobs, job, 'fetching', charts.size);
  }
  await report(jobs, job, 'composing', wanted.length);
  const archive = contentOf(await composeArchive(job.plan, charts, jobs.limits));
  const summary = await inspectChart(archive.open(), jobs.limits);
  await report(jobs, job, 'storing', wanted.length);
  await succeedJob(jobs, job, archive, summary);
}

function tooLarge(limit: number): RegistryError {
  return new RegistryError(
    'archive.tooLarge',
    `The recipe's sources have more than ${limit} bytes unpacked.`,
  );
}

async function report(jobs: Jobs, job: TakenJob, stage: JobStage, done: number): Promise<void> {
  if (!(await reportJob(jobs.db, job, { stage, done }))) throw new JobLost();
}

async function settleFailure(
  jobs: Jobs,
  job: TakenJob,
  arrival: Arrival,
  error: unknown,
  log: Log,
): Promise<void> {
  if (error instanceof JobLost) {
    log.info({ job: job.id }, 'job was cancelled or taken over');
    return;
  }
  if (error instanceof RegistryError || arrival.last) {
    const reason =
      error instanceof RegistryError
        ? error
        : new RegistryError('internal', 'The chart could not be composed, and trying again did not help.');
    log.warn({ job: job.id, code: reason.code, error }, 'job failed');
    await failJob(jobs, job, reason.toBody());
    return;
  }
  log.warn({ job: job.id, attempt: arrival.attempt, error }, 'attempt failed, the queue tries again');
  await giveBackJob(jobs.db, job, backoffAfter(retryPolicies.orchestrations, arrival.attempt));
  throw error;
}
