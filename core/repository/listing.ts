/** A version as an index lists it. */
export interface ListedVersion {
  version: string;
  /** SemVer precedence as a string; see core/semver/version.ts. */
  sortKey: string;
  /** The entry as JSON in UTF-8, so that writing an index only copies bytes. */
  entry: Uint8Array;
}

/** The versions of a space, in the order of an index: charts by name, versions newest first. */
export interface Listing {
  /** Adds or replaces a version. */
  put(chart: string, listed: ListedVersion): void;
  remove(chart: string, version: string): void;
  removeChart(chart: string): void;
  charts(): Iterable<[name: string, entries: Uint8Array[]]>;
  /** Approximate bytes in memory. */
  readonly size: number;
}

/** Approximate bytes of the objects around an entry. */
const overhead = 250;

/** Creates an empty listing. */
export function createListing(): Listing {
  const charts = new Map<string, ListedVersion[]>();
  let names: string[] | undefined;
  let size = 0;

  function forget(chart: string): void {
    charts.delete(chart);
    names = undefined;
  }

  return {
    put(chart, listed) {
      let versions = charts.get(chart);
      if (!versions) {
        versions = [];
        charts.set(chart, versions);
        names = undefined;
      }
      const at = positionOf(versions, listed);
      const replaced = versions[at]?.version === listed.version ? versions[at] : undefined;
      versions.splice(at, replaced ? 1 : 0, listed);
      size += sizeOf(listed) - (replaced ? sizeOf(replaced) : 0);
    },
    remove(chart, version) {
      const versions = charts.get(chart) ?? [];
      const at = versions.findIndex((listed) => listed.version === version);
      const [removed] = at === -1 ? [] : versions.splice(at, 1);
      if (removed) size -= sizeOf(removed);
      if (versions.length === 0) forget(chart);
    },
    removeChart(chart) {
      for (const listed of charts.get(chart) ?? []) size -= sizeOf(listed);
      forget(chart);
    },
    *charts() {
      names ??= [...charts.keys()].sort(compare);
      for (const name of names) yield [name, (charts.get(name) ?? []).map(({ entry }) => entry)];
    },
    get size() {
      return size;
    },
  };
}

/** Finds the position of a version, newest first, by binary search. */
function positionOf(versions: readonly ListedVersion[], { sortKey, version }: ListedVersion): number {
  let [low, high] = [0, versions.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = versions[middle];
    const order = other ? compare(other.sortKey, sortKey) || compare(other.version, version) : 0;
    if (order > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Compares code units, as PostgreSQL's collation "C" does with ASCII.
function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function sizeOf({ entry }: ListedVersion): number {
  return entry.length + overhead;
}
