/** A version as an index lists it. */
export interface ListedVersion {
  chart: string;
  version: string;
  /** SemVer precedence as a string; see core/semver/version.ts. */
  sortKey: string;
  /** The entry as JSON in UTF-8, so that writing an index only copies bytes. */
  entry: Uint8Array<ArrayBuffer>;
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
  versions: [ListedVersion, ...ListedVersion[]];
  /** Bytes of the entries. */
  entryBytes: number;
  written: Partial<Record<Notation, Uint8Array<ArrayBuffer>>>;
}

/** Makes a segment of versions. */
export function createSegment(versions: Segment['versions']): Segment {
  return { versions, entryBytes: versions.reduce((sum, { entry }) => sum + entry.length, 0), written: {} };
}

/**
 * Writes the entries of a segment, from the first entry to the last.
 * The bytes are kept until the segment changes. The entries become parts of the JSON, so no second copy is kept.
 */
export function writeSegment(segment: Segment, notation: Notation): Uint8Array<ArrayBuffer> {
  const known = segment.written[notation];
  if (known) return known;
  const parts: Uint8Array[] = [];
  let before: ListedVersion | undefined;
  for (const listed of segment.versions) {
    if (before) parts.push(separatorBetween(before, listed, notation));
    parts.push(listed.entry);
    before = listed;
  }
  const bytes = Buffer.concat(parts);
  segment.written[notation] = bytes;
  if (notation === 'json') shareEntries(segment, bytes);
  return bytes;
}

function shareEntries({ versions }: Segment, json: Buffer<ArrayBuffer>): void {
  let at = 0;
  let before: ListedVersion | undefined;
  for (const listed of versions) {
    if (before) at += separatorBetween(before, listed, 'json').length;
    const end = at + listed.entry.length;
    listed.entry = json.subarray(at, end);
    at = end;
    before = listed;
  }
}

/**
 * Writes all segments of a listing as pieces, with the text between them.
 * Segments that have not changed give the same pieces again.
 */
export function* writeSegments(
  segments: readonly Segment[],
  notation: Notation,
): Generator<Uint8Array<ArrayBuffer>> {
  let before: ListedVersion | undefined;
  for (const segment of segments) {
    const [listed] = segment.versions;
    yield before
      ? separatorBetween(before, listed, notation)
      : Buffer.from(separators[notation].first(listed.chart));
    yield writeSegment(segment, notation);
    before = segment.versions.at(-1);
  }
  if (before) yield Buffer.from(separators[notation].end);
}

const nextSeparators = {
  json: Buffer.from(separators.json.next),
  yaml: Buffer.from(separators.yaml.next),
};

function separatorBetween(
  before: ListedVersion,
  { chart }: ListedVersion,
  notation: Notation,
): Buffer<ArrayBuffer> {
  if (before.chart === chart) return nextSeparators[notation];
  return Buffer.from(separators[notation].chart(chart));
}
