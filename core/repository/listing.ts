import {
  createSegment,
  type ListedVersion,
  type Notation,
  type Segment,
  type SegmentItem,
  toItem,
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
const itemOverheadBytes = 160;

/** Creates an empty listing. */
export function createListing(): Listing {
  let segments: Segment[] = [];

  /** Removes versions of a chart from the segments that may have the chart. */
  function removeWhere(chart: string, isRemoved: (item: SegmentItem) => boolean): void {
    segments = segments.flatMap((segment) => {
      const [first] = segment.items;
      if (first.chart > chart || (segment.items.at(-1) ?? first).chart < chart) return [segment];
      const [head, ...rest] = segment.items.filter((item) => item.chart !== chart || !isRemoved(item));
      if (!head) return [];
      return rest.length + 1 === segment.items.length ? [segment] : [createSegment([head, ...rest])];
    });
  }

  return {
    put(listed) {
      const item = toItem(listed);
      const at = Math.max(
        0,
        countItemsBefore(segments, ({ items: [first] }) => compare(first, item) <= 0) - 1,
      );
      const segment = segments[at];
      if (segment) segments.splice(at, 1, ...putItemInSegment(segment, item));
      else segments.push(createSegment([item]));
    },
    remove: (chart, version) => removeWhere(chart, (item) => item.version === version),
    removeChart: (chart) => removeWhere(chart, () => true),
    write: (notation) => [...writeSegments(segments, notation)],
    pack() {
      for (const segment of segments) writeSegment(segment, 'json');
    },
    size: () => segments.reduce((sum, segment) => sum + sizeOf(segment), 0),
  };
}

/** Adds an item to a segment, or replaces one. @returns the segment, or the two that it was split into */
function putItemInSegment(segment: Segment, item: SegmentItem): Segment[] {
  const { items } = segment;
  const at = countItemsBefore(items, (other) => compare(other, item) < 0);
  const other = items[at];
  const replaced = other && compare(other, item) === 0 ? other : undefined;
  const neighbour = items[at - 1];
  // Versions of a chart share its name, so that memory has it once.
  if (neighbour?.chart === item.chart) item.chart = neighbour.chart;
  items.splice(at, replaced ? 1 : 0, item);
  segment.entryBytes += item.bytes - (replaced?.bytes ?? 0);
  segment.written = {};
  if (segment.entryBytes <= maxSegment || items.length === 1) return [segment];
  // Versions that come in order fill each segment before the next.
  const middle = at === items.length - 1 ? at : items.length >>> 1;
  return [items.slice(0, middle), items.slice(middle)].flatMap(([head, ...rest]) =>
    head ? [createSegment([head, ...rest])] : [],
  );
}

/** Finds by binary search how many items from the start fulfil a condition, which no item does after one that does not. */
function countItemsBefore<T>(items: readonly T[], isBefore: (item: T) => boolean): number {
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
function compare(left: SegmentItem, right: SegmentItem): number {
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

function sizeOf({ entryBytes, items, written: { json, yaml } }: Segment): number {
  return (json?.length ?? entryBytes) + (yaml?.length ?? 0) + items.length * itemOverheadBytes;
}
