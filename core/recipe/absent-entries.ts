import { isInRange } from '../semver/constraint.ts';

/** Entry of `dependencies`, as far as it decides which chart it means. */
export interface DeclaredEntry {
  name: string;
  version?: string | undefined;
  alias?: string | undefined;
}

/** Chart inside an archive. */
interface Inside {
  name: string;
  version: string;
}

/**
 * Finds the entries that mean no chart inside the archive.
 * Helm asks for the name alone (action.CheckDependencies). Of two entries with one name, for two versions, an archive may
 * have only one.
 */
export function findAbsent<T extends DeclaredEntry>(entries: readonly T[], inside: readonly Inside[]): T[] {
  const unclaimed = inside.filter((chart) => !entries.some((entry) => means(entry, chart)));
  return entries.filter((entry) => {
    // A chart out of every range is in the place of the entry, as it was when somebody packed it.
    if (unclaimed.some(({ name }) => name === entry.name)) return false;
    return !inside.some((chart) => means(entry, chart));
  });
}

/** Returns the name of an entry in its parent's values. */
export function effectiveNameOf({ name, alias }: DeclaredEntry): string {
  return alias || name;
}

/** Tells whether an entry means a chart, by name and range; without a version it means any. */
export function means({ name, version }: DeclaredEntry, chart: Inside): boolean {
  return name === chart.name && (!version || isInRange(version, chart.version));
}
