import type { Transaction } from '../db/port.ts';
import { addPlacesToWarnings, createPlaceLookup } from '../recipe/place-pointers.ts';
import { limitWarnings } from '../recipe/warning.ts';
import type { StagedBlob } from '../registry/blob-references.ts';
import { withTimeout } from '../runtime/timeout.ts';
import { announceEnds } from './announce-ends.ts';
import { reportEndedJob } from './complete.ts';
import { addComposedCharts, type EndedJob, type StagedChart } from './composed.ts';
import { findLostRights, toEndingJob } from './end-rights.ts';
import { insertFinishedJobs } from './insert-job.ts';
import type { Job } from './job.ts';
import { inlineAuditRecord, queuedAuditRecord } from './job-audit.ts';
import { createJobDeliveries } from './job-delivery.ts';
import {
  createNewJobWriter,
  type InlineJob,
  type JobWriter,
  type ReadyJob,
  type WriterDeps,
} from './job-writer.ts';
import type { JobDeps } from './jobs.ts';
import type { NewJob } from './submission.ts';

/** Milliseconds that a transaction waits for the store: other writers wait for its locks. */
const storeTimeoutMs = 1_000;

/**
 * Creates the writer of succeeded jobs with their charts. The writer also creates the deliveries that their callbacks are owed.
 */
export function createInlineJobWriter(deps: WriterDeps): JobWriter<InlineJob, EndedJob> {
  return createNewJobWriter(deps, async (tx, ready) => {
    const isStored = await Promise.all(ready.map(({ item }) => isStillStored(tx, item.staged.blob)));
    const stored = ready.filter((_, index) => isStored[index]);
    const whole = deps.guarded ? await omitJobsOfRefusedAuthors(tx, stored) : stored;
    const { inserted, announced } = await insertFinishedJobs(
      tx,
      whole.map(({ item: { job, staged }, ...target }) => ({
        ...job,
        ...target,
        warnings: limitWarnings([
          ...job.warnings,
          ...addPlacesToWarnings(staged.warnings, createPlaceLookup(job.places)),
        ]),
        elapsedMs: performance.now() - staged.startedAt,
        stages: staged.stages,
      })),
    );
    const charts = whole.filter(({ item }) => inserted.has(item.job.id));
    const adding = addComposedCharts(
      tx,
      charts.map(({ item: { job, staged }, spaceId, replaces }) => ({
        ...{ spaceId, replaces },
        jobId: job.id,
        plan: job.plan,
        composed: staged,
        author: job.rights.author,
        audit: inlineAuditRecord(job, staged.archive.digest, replaces),
        auditUnchanged: queuedAuditRecord(job),
      })),
    );
    const owing = charts.map(async ({ item: { job } }): Promise<[string, EndedJob]> => {
      const ended = inserted.get(job.id);
      if (!ended) throw new Error('a job that was inserted is missing');
      const deliveries = await createJobDeliveries(tx, deps.links, ended, job.callback);
      return [job.id, { job: ended, deliveries }];
    });
    const [, ended] = await Promise.all([adding, Promise.all(owing)]);
    const endedById = new Map(ended);
    await announceEnds(
      tx,
      deps,
      ended.flatMap(([id, entry]) => (announced.has(id) ? [entry] : [])),
    );
    return ready.map(({ item }) => endedById.get(item.job.id));
  });
}

/**
 * Leaves out the jobs whose authors have lost a right meanwhile.
 * @throws {RegistryError} `access.denied` for a job that is alone; one that is left out of several is tried alone
 */
async function omitJobsOfRefusedAuthors(
  tx: Transaction,
  ready: readonly ReadyJob<InlineJob>[],
): Promise<ReadyJob<InlineJob>[]> {
  const refusals = await findLostRights(
    tx,
    ready.map(({ item, ...target }) => toEndingJob(item.job, target)),
  );
  if (ready.length === 1 && refusals[0]) throw refusals[0];
  return ready.filter((_, index) => refusals[index] === undefined);
}

/**
 * Stores a succeeded job and its chart.
 * A process that dies before the commit has promised nothing, and leaves only an orphan in the store.
 * @returns undefined as `JobWriter` does; the caller plans again, and queues a job if inline composition fails then
 * @throws {RegistryError} `space.notFound`, `version.exists`, `version.immutable`, `resource.locked`, `access.denied`
 */
export async function storeInline(jobs: JobDeps, job: NewJob, staged: StagedChart): Promise<Job | undefined> {
  const { blob, archive } = staged;
  const stored = await blob.commit(() => jobs.writeInline({ job, staged, composed: archive.digest }));
  if (stored) {
    jobs.notifyAdded();
    await reportEndedJob(jobs, stored);
    return stored.job;
  }
  // The archive is of no use to the next plan.
  if (blob.isNew) await withTimeout(blob.discard(), storeTimeoutMs, undefined);
  return undefined;
}

/** Ensures that the store has an archive that was put before. @returns false when the store fails or does not answer */
function isStillStored(tx: Transaction, blob: StagedBlob): Promise<boolean> {
  const checking = blob.ensureStored(tx).then(
    () => true,
    () => false,
  );
  return withTimeout(checking, storeTimeoutMs, false);
}
