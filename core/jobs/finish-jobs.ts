import type { Database, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { addPlacesToWarnings, createPlaceLookup } from '../recipe/place-pointers.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Configuration } from '../recipe/recipe.ts';
import { limitWarnings } from '../recipe/warning.ts';
import { lockBlobsShared, type StagedBlob } from '../registry/blob-references.ts';
import { ensureSpace, findSpaceId } from '../registry/space-rows.ts';
import { batchCalls } from '../runtime/batch-calls.ts';
import type { ClaimedJob } from './claim.ts';
import { addComposedCharts, type CompositionResult, type EndedJob } from './composed.ts';
import { endJobs } from './end-jobs.ts';
import { findLostRights, selectEndingJobs } from './end-rights.ts';
import { composedAuditRecord } from './job-audit.ts';
import type { JobLinks } from './view.ts';

/** A claimed job and the chart that was composed for it. */
export interface JobToFinish {
  job: ClaimedJob;
  plan: Plan<Configuration>;
  composed: CompositionResult;
  blob: StagedBlob;
}

/**
 * Stores composed charts and ends their jobs as `succeeded`. Jobs that end together share one transaction.
 * @returns undefined for a job that is no longer this worker's; nothing of it is written
 * @throws {RegistryError} `access.denied` for a job whose author has lost a right; `version.changed` and
 *   `version.immutable` for a job that can no longer replace its version; nothing of it is written either
 */
export type JobFinisher = (finished: JobToFinish) => Promise<EndedJob | undefined>;

/** Largest number of jobs in a transaction. */
const maxFinishedTogether = 64;

/** Creates the function that ends jobs with their charts. */
export function createJobFinisher({
  db,
  links,
  guarded,
}: {
  db: Database;
  links: JobLinks;
  guarded: boolean;
}): JobFinisher {
  const finish = batchCalls(
    (all: readonly JobToFinish[]) =>
      db.transaction(async (tx) => {
        const items = chooseBatch(all);
        // No lock is needed: the jobs' reservations have kept other writers from the targets since they were accepted.
        const [faults, spaceIds] = await Promise.all([
          lockBlobsShared(
            tx,
            items.map(({ blob }) => blob.digest),
          ),
          Promise.all(items.map(({ plan: { space } }) => findOrCreateTargetSpace(tx, space, guarded))),
        ]);
        await Promise.all(items.map(({ blob }) => blob.ensureStored(tx, faults)));
        // The store has answered by now, so little time is left in which a right could go.
        const refusals = guarded ? await findRefusedJobs(tx, items) : noRefusals;
        const allowed = items.filter(({ job }) => !refusals.has(job.id));
        // A lost job is left out before its version is added: the worker that has it now may have added that already.
        const ended = await endJobs(tx, { links, guarded }, allowed.map(toSucceededEnding));
        const charts = items.flatMap(({ job, plan, composed }, index) => {
          const spaceId = spaceIds[index];
          return spaceId === undefined || !ended.has(job.id)
            ? []
            : [
                {
                  ...{ spaceId, jobId: job.id, plan, composed },
                  ...{ author: job.author ?? undefined, replaces: job.replaces ?? undefined },
                  audit: composedAuditRecord(job, plan, composed.archive.digest),
                },
              ];
        });
        await addComposedCharts(tx, charts);
        return items.map(({ job }) => refusals.get(job.id) ?? ended.get(job.id));
      }),
    { max: maxFinishedTogether },
  );
  return async (finished) => {
    const outcome = await finish(finished.plan.space, finished);
    if (outcome instanceof RegistryError) throw outcome;
    return outcome;
  };
}

/** Chooses the jobs that may share a transaction. One that replaces a version is alone, in its turn. */
function chooseBatch(items: readonly JobToFinish[]): readonly JobToFinish[] {
  const first = items.findIndex(({ job }) => job.replaces !== null);
  return first < 0 ? items : items.slice(0, Math.max(first, 1));
}

/** Finds the space of a target. Where access is guarded, one that is gone is not made again: nobody would own it. */
function findOrCreateTargetSpace(
  tx: Transaction,
  space: string,
  guarded: boolean,
): Promise<number | undefined> {
  return guarded ? findSpaceId(tx, space) : ensureSpace(tx, space, 'mutable');
}

const noRefusals: ReadonlyMap<string, RegistryError> = new Map();

/** Finds the jobs whose authors have lost a right that the job needs, by id. */
async function findRefusedJobs(
  tx: Transaction,
  items: readonly JobToFinish[],
): Promise<ReadonlyMap<string, RegistryError>> {
  const endings = [
    ...(await selectEndingJobs(
      tx,
      items.map(({ job }) => job.id),
    )),
  ];
  const refusals = await findLostRights(
    tx,
    endings.map(([, ending]) => ending),
  );
  return new Map(
    endings.flatMap(([id], index) => {
      const refusal = refusals[index];
      return refusal ? [[id, refusal] as const] : [];
    }),
  );
}

function toSucceededEnding({ job, composed }: JobToFinish) {
  const { id, fence, warnings, stages, traceparent } = job;
  const found = addPlacesToWarnings(composed.warnings, createPlaceLookup(job.places));
  const all = found.length > 0 ? limitWarnings([...(warnings ?? []), ...found]) : undefined;
  return { id, fence, state: 'succeeded', warnings: all, stages, traceparent } as const;
}
