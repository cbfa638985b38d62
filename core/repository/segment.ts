/** A version as an index lists it. */
export interface ListedVersion {
  chart: string;
  version: string;
  /** SemVer precedence as a string; see core/semver/version.ts. */
  sortKey: string;
  /** The entry as JSON. */
  entry: string;
}

/** A version in a segment. Its entry is a text, or a part of a buffer that the whole segment shares. */
export interface SegmentItem extends Pick<ListedVersion, 'chart' | 'version' | 'sortKey'> {
  source: string | Buffer<ArrayBuffer>;
  /** Place of the entry in a buffer. */
  start: number;
  /** Bytes of the entry in UTF-8. */
  bytes: number;
}

/** Makes an item of a version. */
export function toItem({ chart, version, sortKey, entry }: ListedVersion): SegmentItem {
  return { chart, version, sortKey, source: entry, start: 0, bytes: Buffer.byteLength(entry) };
}

/** Notations of the entries in an index. */
export type Notation = 'json' | 'yaml';

/** Text around the entries: before a chart's first, before its others, and after the last of all. */
interface Separators {
  first(chart: string): string;
  chart(chart: string): string;
  next: string;
  end: string;
}

const separators: Record<Notation, Separators> = {
  json: {
    first: (chart) => `${JSON.stringify(chart)}:[`,
    chart: (chart) => `],\n${JSON.stringify(chart)}:[`,
    next: ',\n',
    end: ']',
  },
  yaml: {
    first: (chart) => `  ${JSON.stringify(chart)}:\n  - `,
    chart: (chart) => `\n  ${JSON.stringify(chart)}:\n  - `,
    next: '\n  - ',
    end: '\n',
  },
};

/** Run of neighbouring versions of a listing, and their bytes in each notation that was asked for. */
export interface Segment {
  /** At least one, in the order of the index. */
  items: [SegmentItem, ...SegmentItem[]];
  /** Bytes of the entries. */
  entryBytes: number;
  written: Partial<Record<Notation, Uint8Array<ArrayBuffer>>>;
}

/** Makes a segment of items. */
export function createSegment(items: Segment['items']): Segment {
  return { items, entryBytes: items.reduce((sum, { bytes }) => sum + bytes, 0), written: {} };
}

/**
 * Writes the entries of a segment, from the first entry to the last.
 * The bytes are cached until the segment changes. Items then point into the JSON, so that memory has it once.
 */
export function writeSegment(segment: Segment, notation: Notation): Uint8Array<ArrayBuffer> {
  const known = segment.written[notation];
  if (known) return known;
  const { items } = segment;
  const between = items.slice(1).map((item, index) => separatorBetween(items[index], item, notation));
  const target = Buffer.allocUnsafe(
    segment.entryBytes + between.reduce((sum, separator) => sum + Buffer.byteLength(separator), 0),
  );
  let at = 0;
  for (const [index, item] of items.entries()) {
    if (index > 0) at += target.write(between[index - 1] ?? '', at);
    writeEntry(item, target, at);
    if (notation === 'json') Object.assign(item, { source: target, start: at });
    at += item.bytes;
  }
  segment.written[notation] = target;
  return target;
}

function writeEntry({ source, start, bytes }: SegmentItem, target: Buffer, at: number): void {
  if (typeof source === 'string') target.write(source, at);
  else source.copy(target, at, start, start + bytes);
}

/**
 * Writes all segments of a listing as pieces, with the text between them.
 * Segments that have not changed give the same pieces again.
 */
export function* writeSegments(
  segments: readonly Segment[],
  notation: Notation,
): Generator<Uint8Array<ArrayBuffer>> {
  let before: SegmentItem | undefined;
  for (const segment of segments) {
    yield Buffer.from(separatorBetween(before, segment.items[0], notation));
    yield writeSegment(segment, notation);
    before = segment.items.at(-1);
  }
  if (before) yield Buffer.from(separators[notation].end);
}

function separatorBetween(
  before: SegmentItem | undefined,
  { chart }: SegmentItem,
  notation: Notation,
): string {
  const { first, chart: nextChart, next } = separators[notation];
  if (!before) return first(chart);
  return before.chart === chart ? next : nextChart(chart);
}
