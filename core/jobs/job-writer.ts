import type { Digest } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';
import type { Locks } from '../locks/locks.ts';
import { batchCalls } from '../runtime/batch-calls.ts';
import type { StagedChart } from './composed.ts';
import { lockSources } from './resolve-sources.ts';
import type { NewJob } from './submission.ts';
import { type AvailableTarget, checkTargetState, readTargets } from './target.ts';
import type { JobLinks } from './view.ts';

/** A job to write, and the digest of the archive that was composed for it, if one was. */
export interface JobToWrite {
  job: NewJob;
  composed?: Digest;
}

/** A job to write with the chart that was composed for it inline. */
export interface InlineJob extends JobToWrite {
  staged: StagedChart;
}

/** A job whose target is locked and its own, and whose sources are locked and unchanged. */
export interface ReadyJob<Item extends JobToWrite> extends AvailableTarget {
  item: Item;
}

/**
 * Writes a new job; jobs that come together share one transaction.
 * @returns undefined when the sources are no longer as the plan has them, the idempotency key is taken, or the store
 *   does not confirm the archive
 * @throws {RegistryError} `space.notFound`, `version.exists`, `access.denied`, `resource.locked`; the errors of `write`
 */
export type JobWriter<Item extends JobToWrite, Written> = (item: Item) => Promise<Written | undefined>;

/** Dependencies of the writers of new jobs. */
export interface WriterDeps {
  locks: Locks;
  links: JobLinks;
  /** Whether rights are checked, at the end of a job again. */
  guarded: boolean;
}

/** Largest number of jobs in a transaction. */
const maxJobsPerTransaction = 64;

/**
 * Creates a writer of new jobs. A job is written alone where its target is locked, exists or has no space, or where its
 * sources have changed. It waits for the lock then, and gets its own error. A job that replaces a version is written
 * alone too.
 * @param write writes jobs; returns what was written in their order, undefined for a job that was not
 */
export function createNewJobWriter<Item extends JobToWrite, Written>(
  { locks, links }: WriterDeps,
  write: (tx: Transaction, ready: readonly ReadyJob<Item>[]) => Promise<(Written | undefined)[]>,
): JobWriter<Item, Written> {
  const writeTogether = batchCalls(
    (items: Item[]) => {
      const targets = items.map(({ job }) => job.plan);
      return locks.withFreeLocks(
        targets.map(({ space, chart, version }) => [space, chart, version]),
        (tx) => Promise.all([readTargets(tx, targets), lockSources(tx, items)]),
        async (tx, isFree, [states, isUnchanged]) => {
          const ready = items.flatMap((item, index): ReadyJob<Item>[] => {
            const { spaceId = null, archive = null, hidesTag = false } = states[index] ?? {};
            const isFit = archive === null && (!hidesTag || item.job.rights.mayReplace);
            return isFree[index] && isUnchanged[index] && spaceId !== null && isFit
              ? [{ item, spaceId, hidesTag }]
              : [];
          });
          const written = await write(tx, ready);
          const results = new Map(ready.map(({ item }, index) => [item, written[index]]));
          return items.map((item) => results.get(item));
        },
      );
    },
    { max: maxJobsPerTransaction },
  );

  async function writeAlone(item: Item): Promise<Written | undefined> {
    const { space, chart, version } = item.job.plan;
    const target = { space, chart, version };
    return locks.withLock(
      [space, chart, version],
      (tx) => Promise.all([readTargets(tx, [target]), lockSources(tx, [item])]),
      async (tx, [[state], [isUnchanged]]) => {
        const { recipe, rights } = item.job;
        const claim = { replaces: recipe.replace === true, rights, links };
        const open = await checkTargetState(tx, target, state, claim);
        return isUnchanged ? (await write(tx, [{ item, ...open }]))[0] : undefined;
      },
    );
  }

  return async (item) => (await writeTogether(item.job.plan.space, item)) ?? writeAlone(item);
}
