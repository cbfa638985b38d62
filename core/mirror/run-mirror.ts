import { matchesChart } from '../access/chart-globs.ts';
import { RegistryError } from '../errors.ts';
import { isStorageFull } from '../runtime/storage-full.ts';
import { applyUpstreamDeletions } from './apply-upstream-deletions.ts';
import { authorizeByBasic } from './authorization.ts';
import { chooseVersions } from './choose-versions.ts';
import type { ClaimedMirrorRun } from './claim-run.ts';
import { copyVersions } from './copy-versions.ts';
import { openCredentials } from './credentials.ts';
import { endMirrorRun } from './end-run.ts';
import { endpointOf, isOci } from './endpoint.ts';
import { createMirrorLocks } from './fence.ts';
import { createIndexSource } from './index-source.ts';
import type { MirrorDeps } from './mirror-deps.ts';
import { authorizeByChallenge } from './oci/challenge.ts';
import { createOciSource } from './oci/oci-source.ts';
import { RunEndedError, readOutcomes, readVersionDigests } from './record-outcomes.ts';
import type { MirrorRunEnd, RunCounts } from './run-end.ts';
import { type MirrorFault, toMirrorFault } from './settings.ts';
import { recordSightingsAndFindYoung } from './sightings.ts';
import type { MirrorSource } from './source.ts';
import { openUpstream } from './upstream.ts';
import { UpstreamFault } from './upstream-fault.ts';

/** Times that a run is taken up before it is ended as failed. */
const maxClaims = 10;

/**
 * Runs a mirror once. A run lists the versions, copies what is missing, and notes what has changed or gone. What is there with the
 * digest of the upstream is not fetched, so a run that was cut off goes on where it was.
 * @param signal aborts when the run is no longer this process's
 * @throws when the registry itself is at fault; another worker goes on with the run then
 */
export async function runMirror(
  given: MirrorDeps,
  run: ClaimedMirrorRun,
  signal: AbortSignal,
): Promise<void> {
  const { registry, client } = given;
  const locks = createMirrorLocks(registry.locks, run);
  // A space that is deleted during its run stays deleted.
  const fenced = { locks, autoCreateSpaces: false };
  const deps = {
    ...given,
    registry: { ...registry, ...fenced },
    oci: { ...given.oci, actor: registry.actor, ...fenced },
  };
  if (run.claims > maxClaims) {
    const error = {
      code: 'mirror.brokeOff',
      message: `The run broke off ${maxClaims} times; the log of the workers says why.`,
    };
    return endMirrorRun(registry, run, { state: 'failed', counts: {}, error });
  }
  try {
    const credentials = await openCredentials(given.sealer, run);
    const base = endpointOf(run.url, run.settings.plainHttp);
    const authorization = isOci(run.url)
      ? authorizeByChallenge(base, credentials)
      : authorizeByBasic(credentials);
    // A run that somebody asked for asks again, also where the upstream wanted a pause before.
    const pausesSince = run.asked ? Date.now() : 0;
    const upstream = openUpstream({ client, base, authorization, signal, pausesSince });
    const source = isOci(run.url)
      ? createOciSource(deps, run, upstream)
      : createIndexSource(deps, run, upstream);
    await endMirrorRun(registry, run, await copyChosenVersions(deps, run, source));
  } catch (error) {
    if (error instanceof RunEndedError) return;
    if (signal.aborted) throw error;
    await endMirrorRun(registry, run, { state: 'failed', counts: {}, ...explainRunFailure(error) });
  }
}

async function copyChosenVersions(
  deps: MirrorDeps,
  run: ClaimedMirrorRun,
  source: MirrorSource,
): Promise<MirrorRunEnd> {
  const { db } = deps.registry;
  const listing = await source.list();
  const { index, validators } = listing;
  if (!index) return { state: 'complete', counts: {}, validators };
  const isUnsure = (chart: string) => !listing.hasListed(chart) && matchesChart(run.settings.charts, chart);
  const [stored, known, young] = await Promise.all([
    readVersionDigests(db, run.space),
    readOutcomes(db, run.mirrorId),
    recordSightingsAndFindYoung(db, run, index.entries, isUnsure),
  ]);
  // The age is that of bytes to copy: other bytes under a stored version are reported at once.
  const isAwaited = (key: string) => run.settings.overwrite || !stored.has(key);
  const { chosen, tooYoung } = chooseVersions(
    index.entries,
    run.settings,
    new Set([...young].filter(isAwaited)),
  );
  const facts = { stored, known };
  const counts: RunCounts = { listed: index.entries.length, chosen: chosen.length };
  if (tooYoung > 0) counts.tooYoung = tooYoung;
  const todo = await source.sortOut(chosen, facts, counts);
  const stop = await copyVersions(deps, run, (entry) => source.copy(entry, facts), todo, counts);
  const deletions = stop
    ? undefined
    : await applyUpstreamDeletions(deps, run, { ...facts, listing, source }, counts);
  const error = stop?.fault ?? deletions ?? listing.explainGaps(facts);
  const isComplete = !error && counts.failed === undefined;
  return {
    state: isComplete ? 'complete' : 'incomplete',
    counts,
    // Versions come of age though the index stays the same, so it is read again.
    validators: isComplete && tooYoung === 0 ? validators : undefined,
    error,
    retryAt: stop?.retryAt,
  };
}

/** Explains why a run could not be made. @throws what is unknown, or passes: another worker takes the run up again */
function explainRunFailure(error: unknown): { error: MirrorFault; retryAt?: number | undefined } {
  if (error instanceof UpstreamFault) return { error: toMirrorFault(error), retryAt: error.retryAt };
  if (error instanceof RegistryError) return { error: toMirrorFault(error) };
  if (!isStorageFull(error)) throw error;
  return {
    error: { code: 'storage.full', message: 'The registry has no room left; its operator must make some.' },
  };
}
