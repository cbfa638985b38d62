import { insertLock } from '../locks/table.ts';
import { checkCapacity } from './capacity.ts';
import { insertQueuedJob } from './insert-job.ts';
import type { Job } from './job.ts';
import type { JobDeps } from './jobs.ts';
import { lockSources } from './resolve-sources.ts';
import type { NewJob } from './submission.ts';
import { checkTarget } from './target.ts';

/**
 * Inserts a queued job and reserves its target, in one transaction.
 * @returns undefined when the sources are not any more as the plan has them
 * @throws {RegistryError} `space.notFound`, `version.exists`, `resource.locked`, `queue.full`
 */
export async function acceptJob(jobs: JobDeps, job: NewJob): Promise<Job | undefined> {
  const { space, chart, version } = job.plan;
  return jobs.locks.withLock(
    [space, chart, version],
    async (tx) => {
      // The capacity is checked here because the locks' concurrency limiter lets few transactions in at a time. Checked
      // earlier, many simultaneous requests would all find room before the first of them has inserted its job.
      const checks = [
        checkCapacity(tx, jobs.queueLimit),
        checkTarget(tx, { space, chart, version }, jobs.links),
      ];
      const [isUnchanged] = await Promise.all([lockSources(tx, job.plan), ...checks]);
      return isUnchanged;
    },
    async (tx, isUnchanged) => {
      if (!isUnchanged) return undefined;
      const [inserted] = await Promise.all([
        insertQueuedJob(tx, job),
        insertLock(tx, [space, chart, version], job.id, 'infinity'),
      ]);
      return inserted;
    },
  );
}
