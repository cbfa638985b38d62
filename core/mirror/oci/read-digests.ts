import type { Database } from '../../db/port.ts';
import { isRegistryError } from '../../errors.ts';
import { tagOfVersion } from '../../oci/names.ts';
import { chooseVersions } from '../choose-versions.ts';
import type { ClaimedMirrorRun } from '../claim-run.ts';
import type { IndexEntry } from '../read-index.ts';
import { versionKeyOf } from '../record-outcomes.ts';
import { findWaitingVersions } from '../sightings.ts';
import { UpstreamFault } from '../upstream-fault.ts';
import { type ListedCharts, listStoppingFaultCodes } from './list-charts.ts';

/** Stands for the digest of a tag that could not be read: the wait begins anew once there is one. */
const unreadDigest = 'unread';

/**
 * Reads the digests of the tags that wait. So a tag that is moved meanwhile waits anew. A list of tags has no digests,
 * and a request for each would be too much. Tags that are old enough are compared when they are copied.
 * @returns the versions, with those digests
 */
export async function readDigests(
  db: Database,
  run: ClaimedMirrorRun,
  { entries, repositories }: ListedCharts,
): Promise<IndexEntry[]> {
  if (run.settings.minAgeDays === 0) return entries;
  const { chosen } = chooseVersions(entries, { ...run.settings, last: Number.MAX_SAFE_INTEGER }, new Set());
  const waiting = await findWaitingVersions(db, run, chosen);
  const digests = new Map<string, string>();
  // The copies meet the fault again and end the run with it; what was read until then is noted.
  let isEnded = false;
  for (const [key, { entry, seen }] of waiting) {
    if (isEnded) {
      digests.set(key, seen ?? unreadDigest);
      continue;
    }
    const from = repositories.get(entry.chart)?.from;
    try {
      const tag = tagOfVersion(entry.version);
      const digest = (await from?.digestOf(tag)) ?? (await from?.manifest(tag))?.digest;
      digests.set(key, digest ?? unreadDigest);
    } catch (error) {
      const isFault = error instanceof UpstreamFault;
      if (!isFault && !isRegistryError(error, 'digest.mismatch')) throw error;
      isEnded = isFault && listStoppingFaultCodes.includes(error.code);
      digests.set(key, seen ?? unreadDigest);
    }
  }
  return entries.map((entry) => {
    const digest = digests.get(versionKeyOf(entry));
    return digest === undefined ? entry : { ...entry, digest };
  });
}
