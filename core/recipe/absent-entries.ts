import type { RangeMatcher } from '../semver/range-matcher.ts';

/** Entry of `dependencies`, as far as it decides which chart it means. */
export interface DeclaredEntry {
  name: string;
  version?: string | undefined;
  alias?: string | undefined;
}

/** Chart inside an archive. */
interface ContainedChart {
  name: string;
  version: string;
}

/**
 * Finds the entries that mean no chart inside the archive.
 * Helm asks for the name alone (action.CheckDependencies). Of two entries with one name, for two versions, an archive may
 * have only one.
 *
 * @returns undefined where the work of the matcher does not suffice: each range of a name meets each version of it
 */
export function findAbsentEntries<T extends DeclaredEntry>(
  entries: readonly T[],
  inside: readonly ContainedChart[],
  ranges: RangeMatcher,
): T[] | undefined {
  const declared = new Map<string, T[]>();
  for (const entry of entries) addToGroup(declared, entry.name, entry);
  const versions = new Map<string, string[]>();
  for (const { name, version } of inside) if (declared.has(name)) addToGroup(versions, name, version);
  const absent = new Set<T>();
  for (const [name, named] of declared) {
    for (const entry of findAbsentOfName(named, versions.get(name) ?? [], ranges)) absent.add(entry);
    if (ranges.isSpent()) return undefined;
  }
  return entries.filter((entry) => absent.has(entry));
}

/** Finds the entries of one name that mean none of the versions inside. */
function findAbsentOfName<T extends DeclaredEntry>(
  entries: readonly T[],
  versions: readonly string[],
  ranges: RangeMatcher,
): readonly T[] {
  // A chart out of every range is in the place of the entries, as it was when somebody packed it.
  const isClaimed = (version: string) => entries.some((entry) => rangeIncludes(entry, version, ranges));
  if (!versions.every(isClaimed)) return [];
  return entries.filter((entry) => !versions.some((version) => rangeIncludes(entry, version, ranges)));
}

/** Returns the name of an entry in its parent's values. */
export function effectiveNameOf({ name, alias }: DeclaredEntry): string {
  return alias || name;
}

/** Tells whether an entry means a chart, by name and range. Without a version it means any. */
export function isEntryOf(entry: DeclaredEntry, chart: ContainedChart, ranges: RangeMatcher): boolean {
  return entry.name === chart.name && rangeIncludes(entry, chart.version, ranges);
}

function rangeIncludes({ version: range }: DeclaredEntry, version: string, ranges: RangeMatcher): boolean {
  return !range || ranges.isInRange(range, version);
}

function addToGroup<T>(groups: Map<string, T[]>, name: string, item: T): void {
  const group = groups.get(name);
  if (group) group.push(item);
  else groups.set(name, [item]);
}
