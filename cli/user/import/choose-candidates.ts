import semver from 'semver';
import { usageError } from '../command-error.ts';
import type { Candidate, LeftOut } from './candidate.ts';

/** Filters of an import. */
export interface Filters {
  /** Globs of the names of charts; absent for all. */
  chart?: readonly string[];
  range?: string;
  /** Largest number of versions of a chart, the highest; pre-releases count apart. */
  last?: number;
  prereleases: boolean;
}

/** Candidates that the filters choose, and the others with the reason. */
export interface Chosen {
  chosen: Candidate[];
  leftOut: LeftOut[];
}

/** Chooses what is imported. @throws {CommandError} for a range that cannot be read */
export function chooseCandidates(candidates: readonly Candidate[], filters: Filters): Chosen {
  const range = readRange(filters.range);
  const patterns = filters.chart?.map(toPattern);
  const leftOut: LeftOut[] = [];
  const groups = new Map<string, { candidate: Candidate; version: semver.SemVer }[]>();
  for (const candidate of candidates) {
    const { space, chart, version, from } = candidate;
    const parsed = semver.parse(version.replace(/^v/, ''));
    const reason = findReason();
    if (reason !== undefined || !parsed) {
      leftOut.push({ space, chart, version, from, reason: reason ?? 'its version is none of SemVer 2' });
      continue;
    }
    const group = `${space} ${chart} ${parsed.prerelease.length === 0}`;
    groups.set(group, groups.get(group) ?? []);
    groups.get(group)?.push({ candidate, version: parsed });

    function findReason(): string | undefined {
      if (patterns && !patterns.some((pattern) => pattern.test(chart))) return 'its chart is not wanted';
      if (!parsed) return undefined;
      if (!filters.prereleases && parsed.prerelease.length > 0) return 'it is a pre-release';
      if (range && !range.test(parsed)) return `it is not in the range ${filters.range}`;
      return undefined;
    }
  }
  const chosen: Candidate[] = [];
  for (const group of groups.values()) {
    group.sort((left, right) => semver.rcompare(left.version, right.version));
    for (const [index, { candidate }] of group.entries()) {
      const { space, chart, version, from } = candidate;
      if (filters.last === undefined || index < filters.last) chosen.push(candidate);
      else leftOut.push({ space, chart, version, from, reason: `it is not among the last ${filters.last}` });
    }
  }
  return { chosen, leftOut };
}

function readRange(text: string | undefined): semver.Range | undefined {
  if (text === undefined) return undefined;
  try {
    // Helm joins comparisons by commas too.
    return new semver.Range(text.replaceAll(',', ' '));
  } catch (error) {
    throw usageError(
      `the range ${JSON.stringify(text)} cannot be read: expected one such as '>=1.2.0 <2'`,
      error,
    );
  }
}

function toPattern(glob: string): RegExp {
  const escaped = glob.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
