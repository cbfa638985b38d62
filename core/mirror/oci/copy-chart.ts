import { RegistryError } from '../../errors.ts';
import type { OciManifest } from '../../oci/manifest.ts';
import { isArchiveLayer, mediaTypes } from '../../oci/media-types.ts';
import { tagOfVersion } from '../../oci/names.ts';
import { pushChart } from '../../oci/push-chart.ts';
import type { ClaimedMirrorRun } from '../claim-run.ts';
import type { MirrorDeps } from '../mirror-deps.ts';
import type { IndexEntry } from '../read-index.ts';
import { type KnownOutcome, recordOutcomes, recordReferrersCopied } from '../record-outcomes.ts';
import { recordResults } from '../record-results.ts';
import type { RunCounts } from '../run-end.ts';
import { type MirrorFault, toMirrorFault } from '../settings.ts';
import { isTooYoung } from '../sightings.ts';
import { type CopiedRepository, copyBlobs } from './copy-content.ts';
import { copyReferrers } from './copy-referrers.ts';
import { decideOutcomeByDigest } from './decide-outcome-by-digest.ts';
import { createReview, type Review } from './review-chart.ts';
import type { UpstreamManifest } from './upstream-registry.ts';

/** Facts about a version before it is copied. */
export interface CopiedVersion {
  /** Digest of its archive in the space; undefined where the space has none. */
  here: string | undefined;
  known: KnownOutcome | undefined;
}

/**
 * Copies a chart from an OCI registry. Copied are the manifest as it is, with its blobs and with what refers to it. A tag whose
 * digest is the known one costs one request, and another one a day for what refers to it.
 * @returns how it counts
 * @throws {UpstreamFault}, {RegistryError}
 */
export async function copyChart(
  deps: MirrorDeps,
  run: ClaimedMirrorRun,
  repository: CopiedRepository,
  entry: IndexEntry,
  facts: CopiedVersion,
): Promise<keyof RunCounts> {
  const { known } = facts;
  const { chart, version } = entry;
  const digest = known && (await repository.from.digestOf(tagOfVersion(version)));
  const seen = decideOutcomeByDigest(digest, facts, run.settings.overwrite);
  if (digest !== undefined && known && seen !== undefined) {
    const noted = seen === 'unchanged' ? ('stored' as const) : seen;
    const isKnown = known.outcome === noted || (noted === 'stored' && known.outcome === 'replaced');
    const isNews = !isKnown || (seen === 'changed' && known.upstream !== digest);
    const outcome = { chart, version, outcome: noted, ...(seen === 'changed' ? { upstream: digest } : {}) };
    if (isNews) await recordOutcomes(deps.registry.db, run, [outcome]);
    else if (seen !== 'unchanged') await recordResults(deps.registry.db, run, [outcome]);
    if (seen === 'unchanged')
      await copyReferrersOfVersion(deps, run, repository, entry, digest, !known.hasReferrers);
    return seen;
  }
  const fetched = await repository.from.manifest(digest ?? tagOfVersion(version));
  const foreign = findForeignType(fetched);
  if (foreign !== undefined) return recordSkipped(deps, run, entry, fetched, foreign);
  const manifest = await deps.oci.readManifest(run.space, fetched, fetched.contentType);
  if (manifest.config?.mediaType !== mediaTypes.chartConfig)
    return recordSkipped(deps, run, entry, fetched, manifest.artifactType ?? manifest.mediaType);
  if (
    facts.here !== undefined &&
    isOtherSha256(archiveDigestOf(manifest), facts.here) &&
    !run.settings.overwrite
  ) {
    const outcome = { chart, version, outcome: 'changed', upstream: fetched.digest } as const;
    await recordOutcomes(deps.registry.db, run, [outcome]);
    return 'changed';
  }
  if (await isManifestTooYoung(deps, run, entry, fetched, known)) return 'tooYoung';
  await copyBlobs(deps, repository, manifest);
  const review = createReview(run, repository.to, entry, fetched, known);
  await pushCopiedChart(deps, repository, entry, { manifest, fetched, review });
  const result = review.result();
  if (result !== 'changed') await copyReferrersOfVersion(deps, run, repository, entry, fetched.digest, true);
  return result;
}

/** Whether a manifest has to wait until it has been seen for long enough; one that was taken before has. */
async function isManifestTooYoung(
  { registry }: MirrorDeps,
  run: ClaimedMirrorRun,
  { chart, version }: IndexEntry,
  { digest }: UpstreamManifest,
  known: KnownOutcome | undefined,
): Promise<boolean> {
  const taken = known?.manifest ?? undefined;
  return taken !== digest && isTooYoung(registry.db, run, { chart, version, digest }, taken !== undefined);
}

/** Stores a chart; without its provenance file where that is not its own: the chart is worth having all the same. */
async function pushCopiedChart(
  { oci }: MirrorDeps,
  { to }: CopiedRepository,
  { chart, version }: IndexEntry,
  { manifest, fetched, review }: { manifest: OciManifest; fetched: UpstreamManifest; review: Review },
): Promise<void> {
  const ref = { space: to.space, chart, version };
  const put = (fault?: MirrorFault) =>
    pushChart(oci, to, tagOfVersion(version), ref, manifest, fetched, {
      review: (found) => review.decide(found, fault),
      withoutProvenance: fault !== undefined,
    });
  try {
    await put();
  } catch (error) {
    if (!(error instanceof RegistryError) || !error.code.startsWith('provenance.')) throw error;
    await put(toMirrorFault(error));
  }
}

/** Copies what refers to a version that is here. */
async function copyReferrersOfVersion(
  deps: MirrorDeps,
  run: ClaimedMirrorRun,
  repository: CopiedRepository,
  entry: IndexEntry,
  digest: UpstreamManifest['digest'],
  asks: boolean,
): Promise<void> {
  const leftOut = await copyReferrers(deps, repository, digest, asks);
  if (asks) await recordReferrersCopied(deps.registry.db, run, entry, leftOut);
}

/** Finds the digest of the archive among the layers of a chart. */
function archiveDigestOf({ layers }: OciManifest): string | undefined {
  return layers.find(isArchiveLayer)?.digest;
}

/**
 * Whether a digest is of other bytes than a `sha256`. A digest of another algorithm cannot be compared: the bytes are
 * needed.
 */
function isOtherSha256(digest: string | undefined, sha256: string): boolean {
  return digest !== sha256 && digest?.startsWith('sha512:') !== true;
}

/** Finds the media type of a manifest that cannot be a chart's; undefined for one that may be. */
function findForeignType({ contentType }: UpstreamManifest): string | undefined {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  return type === undefined || type === '' || type === mediaTypes.image ? undefined : type;
}

async function recordSkipped(
  { registry }: MirrorDeps,
  run: ClaimedMirrorRun,
  { chart, version }: IndexEntry,
  { digest }: UpstreamManifest,
  mediaType: string,
): Promise<'skipped'> {
  const message = `The tag is not a chart: it has the type ${mediaType.slice(0, 200)}.`;
  const fault = toMirrorFault({ code: 'upstream.notChart', message });
  await recordOutcomes(registry.db, run, [{ chart, version, outcome: 'skipped', manifest: digest, fault }]);
  return 'skipped';
}
