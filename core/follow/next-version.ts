import type { FollowSettings } from '../recipe/follow-settings.ts';
import type { RecomposedVersion } from '../recipe/read-recomposition.ts';
import type { NextStep } from '../semver/next-version.ts';
import { isStrictVersion, parseVersion, sortKey } from '../semver/version.ts';
import type { CurrentSource, FollowBase } from './current-sources.ts';

/** Pointer of the root source of every recipe. */
export const rootSourcePointer = '/configs/package';

/**
 * Chooses the version that a follow composes.
 * A pre-release is followed by the next one, since nobody has released it. `same-as-source` is the root source's version
 * if that is above the chart's newest; otherwise, as where another source has changed, the next patch.
 */
export function chooseNextVersion(
  settings: FollowSettings,
  base: Pick<FollowBase, 'version'>,
  now: readonly CurrentSource[],
): RecomposedVersion {
  const newest = parseVersion(base.version);
  if (settings.next === 'same-as-source') {
    const source = now.find(({ pointer }) => pointer === rootSourcePointer)?.version;
    const wanted = source == null ? undefined : parseVersion(source);
    if (source != null && wanted && newest && isStrictVersion(source) && sortKey(wanted) > sortKey(newest))
      return { version: source };
  }
  return { next: chooseNextStep(settings, base) };
}

/** Chooses the step to a follow's next version, where that is not a source's. */
export function chooseNextStep(settings: FollowSettings, base: Pick<FollowBase, 'version'>): NextStep {
  const newest = parseVersion(base.version);
  if (newest && newest.prerelease.length > 0) return 'prerelease';
  return settings.next === 'minor' ? 'minor' : 'patch';
}
