import type { Actor } from '../access/actor.ts';
import { createHiddenSourceCheck } from '../registry/mask-sources.ts';
import { chartsNamedByJob, hideSources } from './hide-sources.ts';
import type { Job } from './job.ts';
import { knowsSources } from './job-access.ts';

/** Masks what a job shows of sources that its reader may not read. Its author knows them. */
export async function maskJob(actor: Actor, job: Job): Promise<Job> {
  if (!actor.guarded || (await knowsSources(actor, job))) return job;
  return hideSources(job, await createHiddenSourceCheck(actor, chartsNamedByJob(job)));
}
