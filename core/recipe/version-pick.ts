import { type Constraint, parseConstraint, satisfies } from '../semver/constraint.ts';
import { parseVersion, sortKey, type Version } from '../semver/version.ts';

/** How a recipe asks for a version that it does not name: by a range, or whatever is the latest. */
export type VersionPick = 'latest' | Constraint;

/** What a text asks for; undefined when it is neither `latest` nor a range. */
export function parsePick(text: string): VersionPick | undefined {
  return text === 'latest' ? 'latest' : parseConstraint(text);
}

/**
 * Whether a version may be picked. `latest` takes any, pre-releases too: it is the last of the list of versions, as it is
 * for `metadata/latest`. A range takes pre-releases only if it names one; `*` is the latest release.
 */
export function isPickable(pick: VersionPick, version: Version): boolean {
  return pick === 'latest' || satisfies(version, pick);
}

/** The highest that may be picked; of versions that differ in build metadata only, the last by bytes, as lists have them. */
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
