import type { Job } from '../../core/jobs/job.ts';
import type { JobDeps } from '../../core/jobs/jobs.ts';
import { maskJob } from '../../core/jobs/mask-job.ts';
import { type JobView, viewJob } from '../../core/jobs/view.ts';
import { links } from '../links.ts';

/** Renders a job as its reader may see it. */
export async function viewMaskedJob({ actor }: JobDeps, job: Job): Promise<JobView> {
  return viewJob(await maskJob(actor, job), links);
}
