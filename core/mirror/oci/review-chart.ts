import { type RepositoryRef, tagOfVersion } from '../../oci/names.ts';
import type { PushChartOptions } from '../../oci/push-chart.ts';
import { findTagDigest } from '../../oci/read-chart-manifest.ts';
import { isImmutable } from '../../registry/version-rows.ts';
import type { ClaimedMirrorRun } from '../claim-run.ts';
import type { IndexEntry } from '../read-index.ts';
import { type KnownOutcome, recordOutcomes, type VersionOutcome } from '../record-outcomes.ts';
import type { RunCounts } from '../run-end.ts';
import type { MirrorFault } from '../settings.ts';
import type { UpstreamManifest } from './upstream-registry.ts';

type ReviewInput = Parameters<NonNullable<PushChartOptions['review']>>[0];

/** Decision about a version, in the transaction that stores it. */
export interface Review {
  /**
   * Decides whether the manifest of the upstream becomes the version's, and records the outcome.
   * @param fault why its provenance file was left out
   */
  decide(found: ReviewInput, fault: MirrorFault | undefined): Promise<boolean>;
  /** Tells how the version counts, after the decision. */
  result(): keyof RunCounts;
}

/** Creates the review of a version. */
export function createReview(
  run: ClaimedMirrorRun,
  repository: RepositoryRef,
  { chart, version }: IndexEntry,
  { digest }: UpstreamManifest,
  known: KnownOutcome | undefined,
): Review {
  let result: keyof RunCounts = 'unchanged';

  async function assess({
    tx,
    before,
    archive,
  }: ReviewInput): Promise<[keyof RunCounts, Partial<VersionOutcome>]> {
    if (!before) return ['stored', { copied: true }];
    if ((await findTagDigest(tx, repository, tagOfVersion(version))) === digest) return ['unchanged', {}];
    // A version that is here since before, with the same archive, gets the manifest that signatures are for.
    const isTaken = known !== undefined && known.outcome !== 'skipped' && known.manifest !== null;
    const isSame = before.archive === archive && !isTaken;
    if (isSame && !(await isImmutable(tx, repository.space))) return ['stored', {}];
    if (run.settings.overwrite) return ['replaced', { outcome: 'replaced', copied: true }];
    return ['changed', { outcome: 'changed', upstream: digest }];
  }

  return {
    async decide(found, fault) {
      const [counts, outcome] = await assess(found);
      result = counts;
      const note = counts === 'changed' ? {} : { manifest: digest, ...(fault ? { fault } : {}) };
      await recordOutcomes(found.tx, run, [{ chart, version, outcome: 'stored', ...note, ...outcome }]);
      return counts !== 'unchanged' && counts !== 'changed';
    },
    result: () => result,
  };
}
