import type { Version } from './version.ts';
import { sortKey } from './version.ts';

/** Steps from a version to the next. */
export const nextSteps = ['patch', 'minor', 'major', 'prerelease'] as const;
/** Step from a version to the next one, as in `npm version`. */
export type NextStep = (typeof nextSteps)[number];

/**
 * Makes the version that follows another one by a step; it is higher than that.
 * A pre-release is followed by its release, if that is the step: `2.0.0-rc.1` by `2.0.0`. The step `prerelease` adds one
 * to the last number of a pre-release: `rc.1` becomes `rc.2`, `rc` becomes `rc.0`, and a release gets `-0` after the next
 * patch.
 */
export function nextVersion(version: Version, step: NextStep): string {
  const { major, minor, patch, prerelease } = version;
  const isRelease = prerelease.length === 0;
  if (step === 'prerelease') {
    return isRelease
      ? `${major}.${minor}.${patch + 1n}-0`
      : `${major}.${minor}.${patch}-${nextIdentifiers(prerelease).join('.')}`;
  }
  if (step === 'patch') return `${major}.${minor}.${isRelease ? patch + 1n : patch}`;
  if (step === 'minor') return `${major}.${isRelease || patch > 0n ? minor + 1n : minor}.0`;
  return `${isRelease || patch > 0n || minor > 0n ? major + 1n : major}.0.0`;
}

function nextIdentifiers(identifiers: readonly string[]): string[] {
  const last = identifiers.findLastIndex((part) => /^[0-9]+$/.test(part));
  if (last < 0) return [...identifiers, '0'];
  return identifiers.map((part, index) => (index === last ? String(BigInt(part) + 1n) : part));
}

/**
 * Returns the beginning of the sort keys of the line of a step. The step finds its next version among those of the
 * same minor version for `patch` and `prerelease`, of the same major version for `minor`, and all for `major`.
 */
export function sortKeyPrefixOfLine(version: Version, step: NextStep): string {
  const parts = sortKey({ ...version, prerelease: [] }).split('.');
  const kept = { patch: 2, prerelease: 2, minor: 1, major: 0 }[step];
  return parts
    .slice(0, kept)
    .map((part) => `${part}.`)
    .join('');
}
