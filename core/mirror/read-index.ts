import { FAILSAFE_SCHEMA, load } from 'js-yaml';
import { z } from 'zod';
import { isChartName } from '../chart/names.ts';

/** Version in the index of a chart repository. */
export interface IndexEntry {
  chart: string;
  version: string;
  /** Addresses of the archive, perhaps relative to the index. */
  urls: string[];
  /** `sha256:` and the digits, where the index says it. */
  digest?: string;
  /** Milliseconds since 1970 at which it was published, where the index says it. */
  createdAt?: number;
}

/** Index of a chart repository, as far as a mirror needs it. */
export interface UpstreamIndex {
  entries: IndexEntry[];
}

/** Answer of the thread that reads an index; `fault` is the end of a sentence. */
export type IndexAnswer = UpstreamIndex | { fault: string };

// Every scalar is a text, as in the file: a version 1.0 must not become a number.
const entryShape = z.looseObject({
  version: z.string(),
  urls: z.array(z.string()).default([]),
  digest: z.string().optional(),
  created: z.string().optional(),
});
const indexShape = z.looseObject({
  entries: z.record(z.string(), z.union([z.array(z.unknown()), z.literal(''), z.literal('null')])),
});

/** Largest number of versions of an index. */
const maxEntries = 200_000;
/** Largest number of items of its lists, readable or not. Aliases make many of a few bytes. */
const maxItems = 1_000_000;

/**
 * Reads an index.yaml. Entries without a version or the name of a chart are left out, since nothing could name them. A
 * version that is listed twice counts once, with its first entry.
 */
export function readUpstreamIndex(text: string): IndexAnswer {
  const parsed = indexShape.safeParse(parseIndexYaml(text));
  if (!parsed.success) return { fault: 'is not an index of a chart repository' };
  const seen = new Set<string>();
  const entries: IndexEntry[] = [];
  const read = createItemReader();
  let items = 0;
  for (const [chart, listed] of Object.entries(parsed.data.entries)) {
    if (typeof listed === 'string') continue;
    for (const item of listed) {
      items += 1;
      if (items > maxItems) return { fault: `has more than ${maxItems} items` };
      const entry = isChartName(chart) ? toEntry(chart, read(item)) : undefined;
      if (!entry || seen.has(`${chart} ${entry.version}`)) continue;
      seen.add(`${chart} ${entry.version}`);
      if (entries.push(entry) > maxEntries) return { fault: `has more than ${maxEntries} versions` };
    }
  }
  return { entries };
}

function parseIndexYaml(text: string): unknown {
  try {
    return load(text, { schema: FAILSAFE_SCHEMA });
  } catch {
    return undefined;
  }
}

type IndexItem = z.output<typeof entryShape>;

/** Creates a reader of items that reads each once, however many aliases it has. */
function createItemReader(): (item: unknown) => IndexItem | undefined {
  const known = new Map<unknown, IndexItem | undefined>();
  return (item) => {
    if (!known.has(item)) known.set(item, entryShape.safeParse(item).data);
    return known.get(item);
  };
}

function toEntry(chart: string, item: IndexItem | undefined): IndexEntry | undefined {
  if (!item) return undefined;
  const { version, urls, digest, created } = item;
  const createdAt = created === undefined ? Number.NaN : Date.parse(created);
  const digits = digest?.replace(/^sha256:/, '').toLowerCase();
  return {
    chart,
    version,
    urls,
    ...(digits !== undefined && /^[0-9a-f]{64}$/.test(digits) ? { digest: `sha256:${digits}` } : {}),
    // PostgreSQL does not know every year that JavaScript has.
    ...(createdAt >= 0 ? { createdAt } : {}),
  };
}
