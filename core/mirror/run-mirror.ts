import { RegistryError } from '../errors.ts';
import { isStorageFull } from '../runtime/storage-full.ts';
import { chooseVersions } from './choose-versions.ts';
import type { ClaimedRun } from './claim-run.ts';
import { copyEach } from './copy-each.ts';
import { openCredentials } from './credentials.ts';
import { countOutcome, endRun, type RunCounts, type RunResult } from './end-run.ts';
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
import { type MirrorFault, toFault } from './settings.ts';
import { openUpstream, type Upstream } from './upstream.ts';
import { UpstreamFault } from './upstream-fault.ts';

/** Times that a run is taken up before it is ended as failed. */
const maxClaims = 10;

/**
 * Runs a mirror once. Reads the index, copies what is missing, and notes what has changed or gone. What is there with
 * the digest of the index is not fetched, so a run that was cut off goes on where it was.
 * @param signal aborts when the run is not this process's any more
 * @throws when the registry itself is at fault; another worker goes on with the run then
 */
export async function runMirror(context: MirrorDeps, run: ClaimedRun, signal: AbortSignal): Promise<void> {
  const { registry, guard } = context;
  const deps = { ...context, registry: { ...registry, locks: lockForMirror(registry.locks, run) } };
  if (run.claims > maxClaims) {
    const error = {
      code: 'mirror.brokeOff',
      message: `The run broke off ${maxClaims} times; the log of the workers says why.`,
    };
    return endRun(registry.db, run, { state: 'failed', counts: {}, error });
  }
  try {
    const credentials = await openCredentials(context.sealer, run);
    const upstream = openUpstream({ base: new URL(run.url), credentials, guard, signal });
    try {
      await endRun(registry.db, run, await copyAll(deps, run, upstream));
    } finally {
      await upstream.close();
    }
  } catch (error) {
    if (error instanceof RunEnded) return;
    if (signal.aborted) throw error;
    await endRun(registry.db, run, { state: 'failed', counts: {}, ...explainEnd(error) });
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
    error: stop ? stop.fault : deletions,
    retryAt: stop?.retryAt,
  };
}

/** Explains why a run could not be made. @throws what is unknown, or passes: another worker takes the run up again */
function explainEnd(error: unknown): { error: MirrorFault; retryAt?: number | undefined } {
  if (error instanceof UpstreamFault) return { error: toFault(error), retryAt: error.retryAt };
  if (error instanceof RegistryError) return { error: toFault(error) };
  if (!isStorageFull(error)) throw error;
  return {
    error: { code: 'storage.full', message: 'The registry has no room left; its operator must make some.' },
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
      countOutcome(counts, 'unchanged');
      // It is as upstream again, or another run has stored it as `gone` and it has come back.
      if (before && before.outcome !== 'stored' && before.outcome !== 'replaced')
        noted.push({ chart, version, outcome: 'stored' });
    } else if (run.settings.overwrite) todo.push(entry);
    else {
      countOutcome(counts, 'changed');
      if (before?.outcome !== 'changed' || before.upstream !== digest)
        noted.push({ chart, version, outcome: 'changed', upstream: digest });
    }
  }
  if (noted.length > 0) await recordOutcomes(registry.db, run, noted);
  return todo;
}
