import type { FollowSettings } from '../recipe/follow-settings.ts';
import { parsePick, pickHighest } from '../recipe/version-pick.ts';
import { parseVersion, sortKey } from '../semver/version.ts';

/** Step from one version of a source to a later one. */
type VersionStep = 'patch' | 'minor' | 'major';

/** Steps that count for each `on`. */
const countedStepsByOn: Record<FollowSettings['on'], readonly VersionStep[]> = {
  patch: ['patch'],
  minor: ['patch', 'minor'],
  any: ['patch', 'minor', 'major'],
};

/**
 * Whether a source counts that has changed from one version to another. A lower version does not: that the former one
 * was deleted is not a reason to compose.
 */
export function isCountedStep(
  { on, prereleases }: Pick<FollowSettings, 'on' | 'prereleases'>,
  from: string,
  to: string,
): boolean {
  const [before, after] = [parseVersion(from), parseVersion(to)];
  if (!before || !after) return false;
  const [keyBefore, keyAfter] = [sortKey(before), sortKey(after)];
  // Versions that differ in build metadata alone have the same key; lists show the last by bytes as the newest.
  if (keyAfter < keyBefore || (keyAfter === keyBefore && to <= from)) return false;
  if (after.prerelease.length > 0 && !prereleases) return false;
  const isMajor = before.major !== after.major;
  const step = isMajor ? 'major' : before.minor === after.minor ? 'patch' : 'minor';
  return countedStepsByOn[on].includes(step);
}

/** Whether a range, or `latest`, allows a version. @param requested as the recipe has it; an exact version allows itself */
export function allowsVersion(requested: string, version: string): boolean {
  if (requested === version) return true;
  const pick = parsePick(requested);
  return pick !== undefined && pickHighest(pick, [{ version }]) !== undefined;
}
