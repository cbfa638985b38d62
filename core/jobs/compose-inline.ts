import type { Content } from '../blobs/port.ts';
import type { Plan } from '../recipe/plan.ts';
import { limitWarnings } from '../recipe/warning.ts';
import { bringBlob, ensureStored, nameBlob, tryDiscard } from '../registry/blob-references.ts';
import { inTime } from '../runtime/timeout.ts';
import { addComposed, type ComposedChart } from './composed.ts';
import { insertJob } from './insert-job.ts';
import type { Job } from './job.ts';
import type { Jobs } from './jobs.ts';
import { claimSources } from './resolve-sources.ts';
import type { NewJob } from './submission.ts';
import { checkTarget } from './target.ts';

/** A chart whose bytes are in the store, and that no row names yet. */
interface Brought extends ComposedChart {
  /** When it was begun, by `performance.now()`. */
  begun: number;
  /** Whether the bytes were not there before. */
  isNew: boolean;
  /** To be called once it is stored, or not to be. */
  letGo: () => void;
}

/** Milliseconds for which somebody waits without there being a job. */
const patience = 1_000;

/**
 * Composes a plan out of what is in memory, and puts the bytes.
 * @returns nothing where a job had better be written down first: it takes long, or fails, and that is to be seen
 */
export async function composeAtOnce(jobs: Jobs, plan: Plan): Promise<Brought | undefined> {
  const hand = jobs.atOnce.take();
  if (!hand) return undefined;
  const { letGo } = hand;
  const begun = performance.now();
  const bring = async () => {
    const composed = await hand.compose(plan);
    return composed && { ...composed, begun, isNew: await bringBlob(jobs, composed.archive), letGo };
  };
  const bringing = bring().catch(() => undefined);
  const brought = await inTime(bringing, patience, undefined);
  // What a store that hangs has not taken yet is still in memory.
  if (!brought) void bringing.then(letGo);
  return brought;
}

/**
 * Writes a job down that has succeeded, with its chart: all of it is one transaction, so whoever dies on the way to it has
 * promised nothing, and leaves nothing but bytes that nobody names.
 * @returns nothing where the sources are not any more what the plan says, or the store has gone away since it took the bytes:
 *   who tries again then finds that it is not to be done at once
 * @throws {RegistryError} `space.notFound`, `version.exists`, `resource.locked`
 */
export async function storeAtOnce(jobs: Jobs, job: NewJob, brought: Brought): Promise<Job | undefined> {
  const { space, chart, version } = job.plan;
  const { archive, begun, isNew } = brought;
  const stored = await nameBlob(jobs, archive, () =>
    jobs.locks.lookAndWrite(
      [space, chart, version],
      (tx) =>
        Promise.all([claimSources(tx, job.plan, archive.digest), checkTarget(tx, { space, chart, version })]),
      async (tx, [steady, spaceId]) => {
        if (!steady || !(await staysStored(jobs, archive))) return undefined;
        const [inserted] = await Promise.all([
          insertJob(
            tx,
            { ...job, warnings: limitWarnings([...job.warnings, ...brought.warnings]) },
            { state: 'succeeded', after: performance.now() - begun },
          ),
          addComposed(tx, spaceId, job.id, job.plan, brought),
        ]);
        return inserted;
      },
    ),
  );
  // They are of no use to the next plan.
  if (!stored && isNew) await inTime(tryDiscard(jobs.db, jobs.blobs, archive.digest), patience, undefined);
  return stored;
}

/** Whether bytes that were put are still there, or again: with a lock held, no answer is waited for any longer than for the put. */
function staysStored({ blobs }: Jobs, archive: Content): Promise<boolean> {
  const stays = ensureStored(blobs, archive).then(
    () => true,
    () => false,
  );
  return inTime(stays, patience, false);
}
