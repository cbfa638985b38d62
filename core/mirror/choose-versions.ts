import { matchesChart } from '../access/chart-globs.ts';
import { parseConstraint, satisfies } from '../semver/constraint.ts';
import { parseVersion, sortKey, type Version } from '../semver/version.ts';
import type { IndexEntry } from './read-index.ts';
import { versionKeyOf } from './record-outcomes.ts';
import type { MirrorSettings } from './settings.ts';

/** Versions that the filters of a mirror choose. */
export interface ChosenVersions {
  /** Charts in the order of the index, the versions of each from the highest down. */
  chosen: IndexEntry[];
  /** Number of versions that are too young, and would be chosen otherwise. */
  tooYoung: number;
}

interface Candidate {
  entry: IndexEntry;
  version: Version;
  key: string;
}

/**
 * Chooses the versions that a mirror takes. The range and the age count first, and `last` counts what they leave:
 * releases, and pre-releases apart. Without a range pre-releases count by `prereleases`; with one, those are taken
 * that Helm finds in it too.
 * @param young keys of the versions that are too young to be copied
 */
export function chooseVersions(
  entries: readonly IndexEntry[],
  settings: MirrorSettings,
  young: ReadonlySet<string>,
): ChosenVersions {
  const range = settings.range === undefined ? undefined : parseConstraint(settings.range);
  const charts = new Map<string, Candidate[]>();
  let tooYoung = 0;
  for (const entry of entries) {
    if (!matchesChart(settings.charts, entry.chart)) continue;
    const version = parseVersion(entry.version);
    // Versions that Helm cannot read either are in no range, and have no order.
    if (!version || (version.prerelease.length > 0 && !settings.prereleases)) continue;
    const key = sortKey(version);
    if (range && !satisfies(version, range, key)) continue;
    if (young.has(versionKeyOf(entry))) tooYoung += 1;
    else candidatesOf(charts, entry.chart).push({ entry, version, key });
  }
  const chosen = [...charts.values()].flatMap((candidates) =>
    chooseHighestVersions(candidates, settings.last),
  );
  return { chosen, tooYoung };
}

function candidatesOf(charts: Map<string, Candidate[]>, chart: string): Candidate[] {
  const candidates = charts.get(chart) ?? [];
  charts.set(chart, candidates);
  return candidates;
}

function chooseHighestVersions(candidates: readonly Candidate[], last: number | undefined): IndexEntry[] {
  const sorted = [...candidates].sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0));
  const releases = sorted.filter(({ version }) => version.prerelease.length === 0).slice(0, last);
  const others = sorted.filter(({ version }) => version.prerelease.length > 0).slice(0, last);
  return [...releases, ...others].map(({ entry }) => entry);
}
