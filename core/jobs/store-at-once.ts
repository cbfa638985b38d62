import { ensureStored, storeBlob } from '../registry/blob-claims.ts';
import { addComposed, type ComposedChart } from './composed.ts';
import { insertJob, type NewJob } from './insert.ts';
import type { Job } from './job.ts';
import type { Jobs } from './jobs.ts';
import { claimSources } from './sources.ts';
import { checkTarget } from './target.ts';

/**
 * Stores a chart that was composed before there was a job: the job, its end and the version are one transaction, so whoever dies
 * on the way to it has promised nothing and leaves nothing.
 * @param begun when composing began, by `performance.now()`
 * @returns nothing where the sources are not any more what the plan says
 * @throws {RegistryError} `space.notFound`, `version.exists`, `resource.locked`
 */
export async function storeAtOnce(
  jobs: Jobs,
  job: NewJob,
  composed: ComposedChart,
  begun: number,
): Promise<Job | undefined> {
  const { space, chart, version } = job.plan;
  const { archive } = composed;
  return storeBlob(jobs.db, jobs.blobs, archive, () =>
    jobs.locks.lookAndWrite(
      [space, chart, version],
      (tx) =>
        Promise.all([claimSources(tx, job.plan, archive.digest), checkTarget(tx, { space, chart, version })]),
      async (tx, [steady, spaceId]) => {
        if (!steady) return undefined;
        await ensureStored(jobs.blobs, archive);
        const after = performance.now() - begun;
        const inserting = insertJob(tx, job, { state: 'succeeded', after });
        const [inserted] = await Promise.all([
          inserting,
          addComposed(tx, spaceId, job.id, job.plan, composed),
        ]);
        return inserted;
      },
    ),
  );
}
