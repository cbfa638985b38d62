import type { Transaction } from '../db/port.ts';
import type { Plan } from '../recipe/plan.ts';
import { limitWarnings } from '../recipe/warning.ts';
import { type StagedBlob, stageBlob } from '../registry/blob-references.ts';
import { withTimeout } from '../runtime/timeout.ts';
import { addComposedChart, type ComposedChart } from './composed.ts';
import { insertFinishedJob } from './insert-job.ts';
import type { Job } from './job.ts';
import { createJobDelivery } from './job-delivery.ts';
import type { JobDeps } from './jobs.ts';
import { lockSources } from './resolve-sources.ts';
import type { NewJob } from './submission.ts';
import { checkTarget } from './target.ts';
import { tryEnqueue } from './try-queue.ts';

/** A composed chart whose archive is in the store, and that no row references yet. */
interface StagedChart extends ComposedChart {
  /** When the composition began, by `performance.now()`. */
  startedAt: number;
  blob: StagedBlob;
  /** Releases the composition slot; called when the chart is stored or given up. */
  release: () => void;
}

/** Milliseconds that a request may compose without a job, which clients cannot see or cancel meanwhile. */
const timeoutMs = 1_000;

/**
 * Composes a plan from cached sources and puts the archive into the store.
 * @returns undefined when no slot is free, the composition fails, or it takes over a second. The caller queues a job
 *   then, so that clients can follow it and see the failure
 */
export async function composeInline(jobs: JobDeps, plan: Plan): Promise<StagedChart | undefined> {
  const slot = jobs.compositionSlots.tryAcquire();
  if (!slot) return undefined;
  const { release } = slot;
  const startedAt = performance.now();
  const stage = async () => {
    const composed = await slot.compose(plan);
    return composed && { ...composed, startedAt, blob: await stageBlob(jobs, composed.archive), release };
  };
  const staging = stage().catch(() => undefined);
  const staged = await withTimeout(staging, timeoutMs, undefined);
  // Keep the slot until the put ends: the archive is still in memory.
  if (!staged) void staging.then(release);
  return staged;
}

/**
 * Inserts a succeeded job, its chart, and the delivery that a callback is owed, in one transaction.
 * A process that dies before the commit has promised nothing, and leaves only an orphan in the store.
 * @returns undefined when the sources are not any more as the plan has them, or the store does not confirm the archive.
 *   The caller plans again, and queues a job if inline composition fails then
 * @throws {RegistryError} `space.notFound`, `version.exists`, `resource.locked`
 */
export async function storeInline(jobs: JobDeps, job: NewJob, staged: StagedChart): Promise<Job | undefined> {
  const { space, chart, version } = job.plan;
  const { archive, startedAt, blob } = staged;
  const { callback } = job.recipe;
  const stored = await blob.commit(() =>
    jobs.locks.withLock(
      [space, chart, version],
      (tx) =>
        Promise.all([
          lockSources(tx, job.plan, archive.digest),
          checkTarget(tx, { space, chart, version }, jobs.links),
        ]),
      async (tx, [isUnchanged, spaceId]) => {
        if (!isUnchanged || !(await isStillStored(tx, blob))) return undefined;
        const [inserted] = await Promise.all([
          insertFinishedJob(
            tx,
            { ...job, warnings: limitWarnings([...job.warnings, ...staged.warnings]) },
            performance.now() - startedAt,
          ),
          addComposedChart(tx, spaceId, job.id, job.plan, staged),
        ]);
        const owed = callback ? [await createJobDelivery(tx, jobs.links, inserted, callback)] : [];
        return { job: inserted, deliveries: owed };
      },
    ),
  );
  // The archive is of no use to the next plan.
  if (!stored && blob.isNew) await withTimeout(blob.discard(), timeoutMs, undefined);
  if (!stored) return undefined;
  jobs.watch.publishFinished(stored.job);
  await tryEnqueue(jobs, 'deliveries', stored.deliveries);
  return stored.job;
}

/**
 * Ensures within a second that the store has an archive that was put before.
 * The bound is needed because other writers wait for this transaction's lock.
 * @returns false when the store fails or does not answer
 */
function isStillStored(tx: Transaction, blob: StagedBlob): Promise<boolean> {
  const checking = blob.ensureStored(tx).then(
    () => true,
    () => false,
  );
  return withTimeout(checking, timeoutMs, false);
}
