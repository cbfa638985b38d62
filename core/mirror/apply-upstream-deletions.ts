import { isRegistryError } from '../errors.ts';
import { deleteVersion } from '../registry/versions.ts';
import type { ClaimedMirrorRun } from './claim-run.ts';
import type { MirrorDeps } from './mirror-deps.ts';
import { recordOutcomes, type VersionOutcome, versionKeyOf } from './record-outcomes.ts';
import { recordResults } from './record-results.ts';
import type { RunCounts } from './run-end.ts';
import type { MirrorFault } from './settings.ts';
import type { MirrorSource, RunFacts, UpstreamListing } from './source.ts';

/** Versions of a mirror so small that it may lose most of them at once. */
const maxVersionsOfSmallMirror = 4;

/** Facts about versions that may have gone. */
interface DeletionFacts extends RunFacts {
  listing: UpstreamListing;
  source: MirrorSource;
}

/**
 * Records the versions of a mirror that its upstream has deleted. Such versions are deleted here too where the mirror
 * prunes. Versions that were in the space before it was a mirror stay. A repository that lost most of its index is more
 * often broken than meant so. So a run with more deletions than `mostPruned` deletes none.
 * @returns the reason why none were deleted, if there is one
 */
export async function applyUpstreamDeletions(
  deps: MirrorDeps,
  run: ClaimedMirrorRun,
  { listing, source, stored, known }: DeletionFacts,
  counts: RunCounts,
): Promise<MirrorFault | undefined> {
  const entries = listing.index?.entries ?? [];
  const listed = new Set(entries.map(versionKeyOf));
  const gone = [...known].flatMap(([key, { outcome, copied }]) => {
    if (listed.has(key) || outcome === 'pruned') return [];
    const [chart = '', version = ''] = key.split(' ');
    if (!listing.hasListed(chart)) return [];
    return [{ chart, version, outcome, copied, isStored: stored.has(key) }];
  });
  // A version that was never copied and is gone needs no outcome.
  const missing = gone.filter(
    ({ isStored, outcome }) => isStored || (outcome !== 'failed' && outcome !== 'skipped'),
  );
  counts.gone = missing.length;
  await recordVersionOutcomes(
    deps,
    run,
    missing.filter(({ outcome }) => outcome !== 'gone'),
    'gone',
  );
  await recordResults(
    deps.registry.db,
    run,
    missing
      .filter(({ outcome }) => outcome === 'gone')
      .map(({ chart, version, outcome }) => ({ chart, version, outcome })),
  );
  const { prune, mostPruned } = run.settings;
  if (!prune) return undefined;
  const own = missing.filter(({ copied }) => copied);
  const copies = [...known.values()].filter(({ copied, outcome }) => copied && outcome !== 'pruned').length;
  // An index that has lost most of its versions is cut off more often than meant.
  const isMost = entries.length === 0 || (copies > maxVersionsOfSmallMirror && own.length * 2 > copies);
  if (own.length > 0 && (own.length > mostPruned || isMost)) {
    const limit = isMost ? 'not most of what it has' : `at most ${mostPruned}`;
    const message = `${own.length} of ${copies} versions are gone from the repository, and a run deletes ${limit}: none was deleted. Look at the repository; where they are to go, raise "mostPruned", or end the mirror and delete them.`;
    return { code: 'mirror.tooManyGone', message };
  }
  for (const { chart, version, isStored } of own) {
    const ref = { space: run.space, chart, version };
    if (isStored) await deleteVersion(deps.registry, ref).catch(ignoreMissingVersion);
    await source.forget(ref, known.get(versionKeyOf(ref)));
    await recordVersionOutcomes(deps, run, [ref], 'pruned');
  }
  counts.pruned = own.length;
  return undefined;
}

function recordVersionOutcomes(
  { registry }: MirrorDeps,
  run: ClaimedMirrorRun,
  versions: readonly { chart: string; version: string }[],
  outcome: VersionOutcome['outcome'],
): Promise<void> {
  if (versions.length === 0) return Promise.resolve();
  return recordOutcomes(
    registry.db,
    run,
    versions.map(({ chart, version }) => ({ chart, version, outcome })),
  );
}

/** A run that was killed has deleted it already. */
function ignoreMissingVersion(error: unknown): void {
  if (isRegistryError(error, 'version.notFound') || isRegistryError(error, 'chart.notFound')) return;
  throw error;
}
