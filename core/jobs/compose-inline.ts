import type { Content } from '../blobs/port.ts';
import type { Plan } from '../recipe/plan.ts';
import { limitWarnings } from '../recipe/warning.ts';
import { commitBlobReference, ensureStored, putIfAbsent, tryDiscard } from '../registry/blob-references.ts';
import { withTimeout } from '../runtime/timeout.ts';
import { addComposedChart, type ComposedChart } from './composed.ts';
import { insertJob } from './insert-job.ts';
import type { Job } from './job.ts';
import type { JobDeps } from './jobs.ts';
import { lockSources } from './resolve-sources.ts';
import type { NewJob } from './submission.ts';
import { checkTarget } from './target.ts';

/** A chart whose bytes are in the store, and that no row names yet. */
interface StagedChart extends ComposedChart {
  /** When it was begun, by `performance.now()`. */
  startedAt: number;
  /** Whether the bytes were not there before. */
  isNew: boolean;
  /** To be called once it is stored, or not to be. */
  release: () => void;
}

/** Milliseconds for which somebody waits without there being a job. */
const timeoutMs = 1_000;

/**
 * Composes a plan out of what is in memory, and puts the bytes.
 * @returns nothing where a job had better be written down first: it takes long, or fails, and that is to be seen
 */
export async function composeInline(jobs: JobDeps, plan: Plan): Promise<StagedChart | undefined> {
  const slot = jobs.compositionSlots.tryAcquire();
  if (!slot) return undefined;
  const { release } = slot;
  const startedAt = performance.now();
  const stage = async () => {
    const composed = await slot.compose(plan);
    return composed && { ...composed, startedAt, isNew: await putIfAbsent(jobs, composed.archive), release };
  };
  const staging = stage().catch(() => undefined);
  const staged = await withTimeout(staging, timeoutMs, undefined);
  // What a store that hangs has not taken yet is still in memory.
  if (!staged) void staging.then(release);
  return staged;
}

/**
 * Writes a job down that has succeeded, with its chart: all of it is one transaction, so whoever dies on the way to it has
 * promised nothing, and leaves nothing but bytes that nobody names.
 * @returns nothing where the sources are not any more what the plan says, or the store has gone away since it took the bytes:
 *   who tries again then finds that it is not to be done at once
 * @throws {RegistryError} `space.notFound`, `version.exists`, `resource.locked`
 */
export async function storeInline(jobs: JobDeps, job: NewJob, staged: StagedChart): Promise<Job | undefined> {
  const { space, chart, version } = job.plan;
  const { archive, startedAt, isNew } = staged;
  const stored = await commitBlobReference(jobs, archive, () =>
    jobs.locks.withLock(
      [space, chart, version],
      (tx) =>
        Promise.all([lockSources(tx, job.plan, archive.digest), checkTarget(tx, { space, chart, version })]),
      async (tx, [steady, spaceId]) => {
        if (!steady || !(await staysStored(jobs, archive))) return undefined;
        const [inserted] = await Promise.all([
          insertJob(
            tx,
            { ...job, warnings: limitWarnings([...job.warnings, ...staged.warnings]) },
            { state: 'succeeded', after: performance.now() - startedAt },
          ),
          addComposedChart(tx, spaceId, job.id, job.plan, staged),
        ]);
        return inserted;
      },
    ),
  );
  // They are of no use to the next plan.
  if (!stored && isNew)
    await withTimeout(tryDiscard(jobs.db, jobs.blobs, archive.digest), timeoutMs, undefined);
  return stored;
}

/** Whether bytes that were put are still there, or again: with a lock held, no answer is waited for any longer than for the put. */
function staysStored({ blobs }: JobDeps, archive: Content): Promise<boolean> {
  const stays = ensureStored(blobs, archive).then(
    () => true,
    () => false,
  );
  return withTimeout(stays, timeoutMs, false);
}
