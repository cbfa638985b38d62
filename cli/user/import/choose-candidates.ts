import { type Constraint, parseConstraint, satisfies } from '../../../core/semver/constraint.ts';
import { isStrictVersion, parseVersion, sortKey } from '../../../core/semver/version.ts';
import { usageError } from '../command-error.ts';
import type { Candidate, LeftOut } from './candidate.ts';

/** Filters of an import. */
export interface Filters {
  /** Globs of the names of charts; absent for all. */
  chart?: readonly string[];
  /** Range as Helm reads it. */
  range?: string;
  /** Largest number of versions of a chart, the highest; pre-releases count apart. */
  last?: number;
  prereleases: boolean;
}

/** Candidates that the filters choose, and the others with the reason. */
export interface ChosenCandidates {
  chosen: Candidate[];
  leftOut: LeftOut[];
}

/** Chooses what is imported. @throws {CommandError} for a range that cannot be read */
export function chooseCandidates(candidates: readonly Candidate[], filters: Filters): ChosenCandidates {
  const range = readRange(filters.range);
  const patterns = filters.chart?.map(toPattern);
  const leftOut: LeftOut[] = [];
  const groups = new Map<string, { candidate: Candidate; key: string }[]>();
  for (const candidate of candidates) {
    const { space, chart, version, from } = candidate;
    const bare = version.replace(/^v/, '');
    const parsed = isStrictVersion(bare) ? parseVersion(bare) : undefined;
    const reason = findReason();
    if (reason !== undefined || !parsed) {
      leftOut.push({ space, chart, version, from, reason: reason ?? 'its version is none of SemVer 2' });
      continue;
    }
    const group = `${space} ${chart} ${parsed.prerelease.length === 0}`;
    groups.set(group, groups.get(group) ?? []);
    groups.get(group)?.push({ candidate, key: sortKey(parsed) });

    function findReason(): string | undefined {
      if (patterns && !patterns.some((pattern) => pattern.test(chart))) return 'its chart is not wanted';
      if (!parsed) return undefined;
      if (!filters.prereleases && parsed.prerelease.length > 0) return 'it is a pre-release';
      if (range && !satisfies(parsed, range)) return `it is not in the range ${filters.range}`;
      return undefined;
    }
  }
  const chosen: Candidate[] = [];
  for (const group of groups.values()) {
    group.sort((left, right) => (left.key < right.key ? 1 : left.key > right.key ? -1 : 0));
    for (const [index, { candidate }] of group.entries()) {
      const { space, chart, version, from } = candidate;
      if (filters.last === undefined || index < filters.last) chosen.push(candidate);
      else leftOut.push({ space, chart, version, from, reason: `it is not among the last ${filters.last}` });
    }
  }
  return { chosen, leftOut };
}

function readRange(text: string | undefined): Constraint | undefined {
  if (text === undefined) return undefined;
  const range = parseConstraint(text);
  if (range) return range;
  throw usageError(`the range ${JSON.stringify(text)} cannot be read: expected one such as '>=1.2.0 <2'`);
}

function toPattern(glob: string): RegExp {
  const escaped = glob.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
