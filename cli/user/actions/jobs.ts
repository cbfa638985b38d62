import type { Job, JobFilter, JobState } from '../../../client/src/index.ts';
import { parseJobId, parseSpace } from '../parse-address.ts';
import { describeProgress, waitForJob } from '../recipes/follow-job.ts';
import { composedJobView, jobView, writeWarnings } from '../recipes/job-view.ts';
import type { Session } from '../session/session.ts';
import { readItems } from './list.ts';

/** Options of `helm-registry job list`. */
export interface JobListOptions {
  space?: string;
  chart?: string;
  state?: JobState[];
  limit: number;
}

/** Runs `helm-registry job list`. */
export async function listJobs(session: Session, options: JobListOptions): Promise<void> {
  const { space, chart, state } = options;
  const filter: JobFilter = {
    ...(space === undefined ? {} : { space: parseSpace(space) }),
    ...(chart === undefined ? {} : { chart }),
    ...(state === undefined ? {} : { state }),
  };
  const jobs = (await session.connect()).jobs.list(filter, { signal: session.signal });
  await session.output.list(jobView, await readItems(jobs, options.limit));
}

/** Runs `helm-registry job get`. */
export async function getJob({ connect, output, signal }: Session, id: string): Promise<void> {
  await output.one(jobView, await (await connect()).jobs.get(parseJobId(id), { signal }));
}

/** Runs `helm-registry job cancel`. */
export async function cancelJob({ connect, output, signal }: Session, id: string): Promise<void> {
  await output.one(jobView, await (await connect()).jobs.cancel(parseJobId(id), { signal }));
}

/**
 * Runs `helm-registry job watch`: a line for each change, then the job. As JSON, each line is a document.
 * @throws as `waitForJob`
 */
export async function watchJob(session: Session, id: string, timeoutMs: number): Promise<void> {
  const { output, signal } = session;
  const handle = await (await session.connect()).jobs.handle(parseJobId(id), { signal });
  const onChange = (job: Job) => {
    session.progress.clear();
    if (output.format === 'json') output.text(`${JSON.stringify(job)}\n`);
    if (output.format === 'table') output.text(`${job.updatedAt}  ${describeProgress(job)}\n`);
  };
  const job = await waitForJob(session, handle, { timeoutMs, onChange });
  if (output.format === 'name' || output.format === 'yaml') await output.one(composedJobView, job);
  writeWarnings(session, job.warnings);
}
