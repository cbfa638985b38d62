import {
  createSegment,
  type ListedVersion,
  type Notation,
  type Segment,
  writeSegment,
  writeSegments,
} from './segment.ts';

/**
 * The versions of a space, in the order of an index: charts by name, versions newest first.
 * They are kept in segments of bounded size. A change writes one segment anew; indexes share the others.
 */
export interface Listing {
  /** Adds or replaces a version. */
  put(listed: ListedVersion): void;
  remove(chart: string, version: string): void;
  removeChart(chart: string): void;
  /** Writes all entries with their charts, as pieces that stay as they are. */
  write(notation: Notation): Uint8Array<ArrayBuffer>[];
  /** Puts the entries of each segment together in one buffer, as an index has them; `write` does so too. */
  pack(): void;
  /** Approximate bytes in memory. */
  size(): number;
}

/** Bytes of entries after which a segment is split: 256 KiB. */
const maxSegment = 256 * 1024;

/** Approximate bytes of the objects around an entry. */
const overhead = 220;

/** Creates an empty listing. */
export function createListing(): Listing {
  let segments: Segment[] = [];

  /** Removes versions of a chart from the segments that may have the chart. */
  function removeWhere(chart: string, isRemoved: (listed: ListedVersion) => boolean): void {
    segments = segments.flatMap((segment) => {
      const [first] = segment.versions;
      if (first.chart > chart || (segment.versions.at(-1) ?? first).chart < chart) return [segment];
      const [head, ...rest] = segment.versions.filter(
        (listed) => listed.chart !== chart || !isRemoved(listed),
      );
      if (!head) return [];
      return rest.length + 1 === segment.versions.length ? [segment] : [createSegment([head, ...rest])];
    });
  }

  return {
    put(listed) {
      const at = Math.max(0, findPlace(segments, ({ versions: [first] }) => compare(first, listed) <= 0) - 1);
      const segment = segments[at];
      if (segment) segments.splice(at, 1, ...withVersion(segment, listed));
      else segments.push(createSegment([listed]));
    },
    remove: (chart, version) => removeWhere(chart, (listed) => listed.version === version),
    removeChart: (chart) => removeWhere(chart, () => true),
    write: (notation) => [...writeSegments(segments, notation)],
    pack() {
      for (const segment of segments) writeSegment(segment, 'json');
    },
    size: () => segments.reduce((sum, segment) => sum + sizeOf(segment), 0),
  };
}

/** Adds a version to a segment, or replaces it. @returns the segment, or the two that it was split into */
function withVersion(segment: Segment, listed: ListedVersion): Segment[] {
  const { versions } = segment;
  const at = findPlace(versions, (other) => compare(other, listed) < 0);
  const other = versions[at];
  const replaced = other && compare(other, listed) === 0 ? other : undefined;
  versions.splice(at, replaced ? 1 : 0, listed);
  segment.entryBytes += listed.entry.length - (replaced?.entry.length ?? 0);
  segment.written = {};
  if (segment.entryBytes <= maxSegment || versions.length === 1) return [segment];
  // Versions that come in order fill each segment before the next.
  const middle = at === versions.length - 1 ? at : versions.length >>> 1;
  return [versions.slice(0, middle), versions.slice(middle)].flatMap(([head, ...rest]) =>
    head ? [createSegment([head, ...rest])] : [],
  );
}

/** Finds by binary search how many items from the start fulfil a condition, which no item does after one that does not. */
function findPlace<T>(items: readonly T[], isBefore: (item: T) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && isBefore(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Compares places in an index: by chart, then the newest version first. */
function compare(left: ListedVersion, right: ListedVersion): number {
  return (
    compareText(left.chart, right.chart) ||
    compareText(right.sortKey, left.sortKey) ||
    compareText(right.version, left.version)
  );
}

// Compares code units, as PostgreSQL's collation "C" does with ASCII.
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function sizeOf({ entryBytes, versions, written: { json, yaml } }: Segment): number {
  return (json?.length ?? entryBytes) + (yaml?.length ?? 0) + versions.length * overhead;
}
