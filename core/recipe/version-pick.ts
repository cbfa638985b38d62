import { type Constraint, parseConstraint, satisfies } from '../semver/constraint.ts';
import { parseVersion, sortKey, type Version } from '../semver/version.ts';

/** A choice among versions: by a range, or the latest. */
export type VersionPick = 'latest' | Constraint;

/** Parses `latest` or a range; undefined if the text is neither. */
export function parsePick(text: string): VersionPick | undefined {
  return text === 'latest' ? 'latest' : parseConstraint(text);
}

/**
 * Checks whether a version may be picked.
 * `latest` takes any version, pre-releases too: it is the last in the list of versions, as in `metadata/latest`. A
 * range takes pre-releases only if it names one; `*` is the latest release.
 */
export function isPickable(pick: VersionPick, version: Version): boolean {
  return pick === 'latest' || satisfies(version, pick);
}

/**
 * Picks the highest candidate that may be picked.
 * Among versions that differ only in build metadata the last by bytes wins, as in lists.
 */
export function pickHighest<T extends { version: string }>(
  pick: VersionPick,
  candidates: readonly T[],
): T | undefined {
  let best: { candidate: T; key: string } | undefined;
  for (const candidate of candidates) {
    const version = parseVersion(candidate.version);
    if (!version || !isPickable(pick, version)) continue;
    const key = sortKey(version);
    if (!best || key > best.key || (key === best.key && candidate.version > best.candidate.version)) {
      best = { candidate, key };
    }
  }
  return best?.candidate;
}
