import { RegistryError } from '../errors.ts';
import { createConcurrencyLimiter } from '../runtime/concurrency.ts';
import { chooseVersions } from './choose-versions.ts';
import type { ClaimedRun } from './claim-run.ts';
import { copyVersion } from './copy-version.ts';
import { openCredentials } from './credentials.ts';
import { endRun, type RunCounts, type RunResult } from './end-run.ts';
import { lockForMirror } from './fence.ts';
import { fetchIndex } from './fetch-index.ts';
import { followDeletions } from './follow-deletions.ts';
import type { MirrorDeps } from './mirror-deps.ts';
import type { IndexEntry } from './read-index.ts';
import {
  type KnownOutcome,
  keyOf,
  RunEnded,
  readOutcomes,
  readStored,
  recordOutcomes,
  type VersionOutcome,
} from './record-outcomes.ts';
import type { MirrorFault } from './settings.ts';
import { openUpstream, type Upstream } from './upstream.ts';
import { UpstreamFault } from './upstream-fault.ts';

/** Versions that a run copies at a time: an upstream gets two requests at a time anyway. */
const maxCopies = 2;

/**
 * Runs a mirror once: reads the index, copies what is missing, and notes what has changed or gone. What is there with the
 * digest of the index is not fetched, so a run that was cut off goes on where it was.
 * @param holder this process, which has the run
 * @param signal aborts when the run is not this process's any more
 * @throws when the registry itself is at fault; another worker goes on with the run then
 */
export async function runMirror(
  context: MirrorDeps,
  run: ClaimedRun,
  holder: string,
  signal: AbortSignal,
): Promise<void> {
  const { registry, guard } = context;
  const deps = { ...context, registry: { ...registry, locks: lockForMirror(registry.locks, run.mirrorId) } };
  try {
    const credentials = await openCredentials(context.sealer, run);
    const upstream = openUpstream({ base: new URL(run.url), credentials, guard, signal });
    try {
      await endRun(registry.db, run, holder, await copyAll(deps, run, upstream));
    } finally {
      await upstream.close();
    }
  } catch (error) {
    if (error instanceof RunEnded) return;
    if (signal.aborted || !(error instanceof UpstreamFault || error instanceof RegistryError)) throw error;
    const retryAt = error instanceof UpstreamFault ? error.retryAt : undefined;
    await endRun(registry.db, run, holder, { state: 'failed', counts: {}, error: faultOf(error), retryAt });
  }
}

async function copyAll(deps: MirrorDeps, run: ClaimedRun, upstream: Upstream): Promise<RunResult> {
  const { db } = deps.registry;
  const { index, ...validators } = await fetchIndex(upstream, new URL(run.url), run);
  if (!index) return { state: 'complete', counts: {}, validators };
  const { chosen, tooYoung } = chooseVersions(index.entries, run.settings, Date.now());
  const [stored, known] = await Promise.all([readStored(db, run.space), readOutcomes(db, run.mirrorId)]);
  const counts: RunCounts = { listed: index.entries.length, chosen: chosen.length };
  if (tooYoung > 0) counts.tooYoung = tooYoung;
  const todo = await sortOut(deps, run, { chosen, stored, known }, counts);
  const stop = await copyEach(deps, run, upstream, todo, counts);
  const deletions = stop ? undefined : await followDeletions(deps, run, { index, stored, known }, counts);
  const isComplete = !stop && !deletions && counts.failed === undefined;
  return {
    state: isComplete ? 'complete' : 'incomplete',
    counts,
    // Versions come of age though the index stays the same, so it is read again.
    validators: isComplete && tooYoung === 0 ? validators : undefined,
    error: stop ? faultOf(stop) : deletions,
    retryAt: stop?.retryAt,
  };
}

/** Facts by which a run decides what to do about each version. */
interface RunFacts {
  chosen: readonly IndexEntry[];
  stored: ReadonlyMap<string, string>;
  known: ReadonlyMap<string, KnownOutcome>;
}

/** Records what needs no request. @returns the versions to copy */
async function sortOut(
  { registry }: MirrorDeps,
  run: ClaimedRun,
  { chosen, stored, known }: RunFacts,
  counts: RunCounts,
): Promise<IndexEntry[]> {
  const todo: IndexEntry[] = [];
  const noted: VersionOutcome[] = [];
  for (const entry of chosen) {
    const { chart, version, digest } = entry;
    const [here, before] = [stored.get(keyOf(entry)), known.get(keyOf(entry))];
    if (here === undefined) todo.push(entry);
    else if (digest === undefined || digest === here) {
      count(counts, 'unchanged');
      // It is as upstream again, or another run has stored it as `gone` and it has come back.
      if (before && before.outcome !== 'stored' && before.outcome !== 'replaced')
        noted.push({ chart, version, outcome: 'stored' });
    } else if (run.settings.overwrite) todo.push(entry);
    else {
      count(counts, 'changed');
      if (before?.outcome !== 'changed' || before.upstream !== digest)
        noted.push({ chart, version, outcome: 'changed', upstream: digest });
    }
  }
  if (noted.length > 0) await recordOutcomes(registry.db, run, noted);
  return todo;
}

/** Copies versions; one that fails does not hinder the others. @returns the fault that ended it for all, if one did */
async function copyEach(
  deps: MirrorDeps,
  run: ClaimedRun,
  upstream: Upstream,
  entries: readonly IndexEntry[],
  counts: RunCounts,
): Promise<UpstreamFault | undefined> {
  const limiter = createConcurrencyLimiter(maxCopies);
  let stop: UpstreamFault | undefined;
  const copy = async (entry: IndexEntry) => {
    if (stop) return;
    try {
      const { outcome } = await copyVersion(deps, run, upstream, entry);
      count(counts, outcome);
    } catch (error) {
      const fault = readFault(error);
      // Fewer requests are wanted of the whole run, so the others are not tried either.
      if (error instanceof UpstreamFault && error.code === 'upstream.busy') stop = error;
      else {
        await recordOutcomes(deps.registry.db, run, [
          { chart: entry.chart, version: entry.version, outcome: 'failed', fault },
        ]);
        count(counts, 'failed');
      }
    }
  };
  await Promise.all(entries.map((entry) => limiter.run(() => copy(entry))));
  return stop;
}

/** Reads why a version was not copied. @throws what is no fault of the version or its upstream */
function readFault(error: unknown): MirrorFault {
  if (error instanceof UpstreamFault) return faultOf(error);
  // A full disk, and faults of the registry, concern every version.
  if (error instanceof RegistryError && error.status !== 500 && error.code !== 'storage.full')
    return faultOf(error);
  throw error;
}

function faultOf({ code, message }: { code: string; message: string }): MirrorFault {
  return { code, message };
}

function count(counts: RunCounts, what: keyof RunCounts): void {
  counts[what] = (counts[what] ?? 0) + 1;
}
