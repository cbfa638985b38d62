import { insertLock } from '../locks/table.ts';
import { checkCapacity } from './capacity.ts';
import { insertJob } from './insert-job.ts';
import type { Job } from './job.ts';
import type { JobDeps } from './jobs.ts';
import { lockSources } from './resolve-sources.ts';
import type { NewJob } from './submission.ts';
import { checkTarget } from './target.ts';

/**
 * Writes a job down that is to be worked on, and reserves its target for it.
 * @returns nothing where the sources are not any more what the plan says
 * @throws {RegistryError} `space.notFound`, `version.exists`, `resource.locked`, `queue.full`
 */
export async function acceptJob(jobs: JobDeps, job: NewJob): Promise<Job | undefined> {
  const { space, chart, version } = job.plan;
  const accepted = await jobs.locks.withLock(
    [space, chart, version],
    async (tx) => {
      // The limit is looked at here, where few are at a time: requests that come at once would all find room before the
      // first has taken it.
      const looks = [checkCapacity(tx, jobs.queueLimit), checkTarget(tx, { space, chart, version })];
      const [steady] = await Promise.all([lockSources(tx, job.plan), ...looks]);
      return steady;
    },
    async (tx, steady) => {
      if (!steady) return undefined;
      const inserting = insertJob(tx, job, { state: 'queued' });
      const [inserted] = await Promise.all([
        inserting,
        insertLock(tx, [space, chart, version], job.id, 'infinity'),
      ]);
      return inserted;
    },
  );
  if (accepted) jobs.acceptedPlans.add(job.id, job.plan, job.bodyText.length);
  return accepted;
}
