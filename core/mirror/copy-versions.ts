import { RegistryError } from '../errors.ts';
import { createConcurrencyLimiter } from '../runtime/concurrency.ts';
import type { ClaimedMirrorRun } from './claim-run.ts';
import type { MirrorDeps } from './mirror-deps.ts';
import type { IndexEntry } from './read-index.ts';
import { recordOutcomes } from './record-outcomes.ts';
import { recordResults } from './record-results.ts';
import { countOutcome, type RunCounts } from './run-end.ts';
import { type MirrorFault, toMirrorFault } from './settings.ts';
import { UpstreamFault } from './upstream-fault.ts';

/** Versions that a run copies at a time: an upstream gets two requests at a time anyway. */
const maxCopies = 2;

/** Reason for which a run copies nothing more. */
export interface RunStop {
  fault: MirrorFault;
  /** Milliseconds since 1970 before which another run would end likewise. */
  retryAt?: number | undefined;
}

/**
 * Copies versions; one that fails does not hinder the others.
 * @param copyVersion copies one, and tells how it counts
 * @returns the reason why it has ended before the last one, if it has
 * @throws what is at fault in the registry itself; no version is begun from then on
 */
export async function copyVersions(
  deps: MirrorDeps,
  run: ClaimedMirrorRun,
  copyVersion: (entry: IndexEntry) => Promise<keyof RunCounts>,
  entries: readonly IndexEntry[],
  counts: RunCounts,
): Promise<RunStop | undefined> {
  const limiter = createConcurrencyLimiter(maxCopies);
  let stop: RunStop | undefined;
  const failures: unknown[] = [];
  const copy = async (entry: IndexEntry) => {
    if (stop || failures.length > 0) return;
    await copyOne(entry).catch((error: unknown) => failures.push(error));
  };
  const copyOne = async (entry: IndexEntry) => {
    try {
      countOutcome(counts, await copyVersion(entry));
    } catch (error) {
      const fault = faultOfError(error);
      stop ??= findStop(error, run);
      const { chart, version } = entry;
      // A version at which the run ends is in no doubt itself: what is known of it stays.
      const record = stop ? recordResults : recordOutcomes;
      await record(deps.registry.db, run, [{ chart, version, outcome: 'failed', fault }]);
      countOutcome(counts, 'failed');
    }
  };
  await Promise.all(entries.map((entry) => limiter.run(() => copy(entry))));
  if (failures.length > 0) throw failures[0];
  return stop;
}

/** Finds out whether every further version would fail likewise: no further request is sent, or the space is full. */
function findStop(error: unknown, { every }: ClaimedMirrorRun): RunStop | undefined {
  if (error instanceof UpstreamFault && (error.code === 'upstream.busy' || error.code === 'mirror.tooLong'))
    return { fault: toMirrorFault(error), retryAt: error.retryAt };
  if (!(error instanceof RegistryError) || error.code !== 'quota.exceeded') return undefined;
  return { fault: toMirrorFault(error), retryAt: every === null ? undefined : Date.now() + every * 60_000 };
}

/** Reads why a version was not copied. @throws what is not a fault of the version or its upstream */
function faultOfError(error: unknown): MirrorFault {
  if (error instanceof UpstreamFault) return toMirrorFault(error);
  // A full disk, and faults of the registry, concern every version.
  if (error instanceof RegistryError && error.status !== 500 && error.code !== 'storage.full')
    return toMirrorFault(error);
  throw error;
}
