import type { Database } from '../db/port.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Configuration } from '../recipe/recipe.ts';
import { limitWarnings } from '../recipe/warning.ts';
import { lockBlobsShared, type StagedBlob } from '../registry/blob-references.ts';
import { ensureSpace } from '../registry/space-rows.ts';
import { batchCalls } from '../runtime/batch-calls.ts';
import type { ClaimedJob } from './claim.ts';
import { addComposedCharts, type ComposedChart, type EndedJob } from './composed.ts';
import { endJobs } from './end-jobs.ts';
import type { JobLinks } from './view.ts';

/** A claimed job and the chart that was composed for it. */
export interface FinishedJob {
  job: ClaimedJob;
  plan: Plan<Configuration>;
  composed: ComposedChart;
  blob: StagedBlob;
}

/**
 * Stores composed charts and ends their jobs as `succeeded`; jobs that end together share one transaction.
 * @returns undefined for a job that is no longer this worker's; nothing of it is written
 */
export type JobFinisher = (finished: FinishedJob) => Promise<EndedJob | undefined>;

/** Largest number of jobs in a transaction. */
const maxTogether = 64;

/** Creates the function that ends jobs with their charts. */
export function createJobFinisher({ db, links }: { db: Database; links: JobLinks }): JobFinisher {
  const finish = batchCalls(
    (items: readonly FinishedJob[]) =>
      db.transaction(async (tx) => {
        // No lock is needed: the jobs' reservations have kept other writers from the targets since they were accepted.
        const [faults, spaceIds] = await Promise.all([
          lockBlobsShared(
            tx,
            items.map(({ blob }) => blob.digest),
          ),
          Promise.all(items.map(({ plan }) => ensureSpace(tx, plan.space, 'mutable'))),
        ]);
        await Promise.all(items.map(({ blob }) => blob.ensureStored(tx, faults)));
        // A lost job is left out before its version is added: the worker that has it now may have added that already.
        const ended = await endJobs(tx, links, items.map(toEnding));
        const charts = items.flatMap(({ job, plan, composed }, index) => {
          const spaceId = spaceIds[index];
          return spaceId === undefined || !ended.has(job.id)
            ? []
            : [{ spaceId, jobId: job.id, plan, composed }];
        });
        await addComposedCharts(tx, charts);
        return items.map(({ job }) => ended.get(job.id));
      }),
    { max: maxTogether },
  );
  return (finished) => finish(finished.plan.space, finished);
}

function toEnding({ job: { id, fence, warnings }, composed }: FinishedJob) {
  const all =
    composed.warnings.length > 0 ? limitWarnings([...(warnings ?? []), ...composed.warnings]) : undefined;
  return { id, fence, state: 'succeeded', warnings: all } as const;
}
