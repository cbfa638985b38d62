import type {
  ChartFile,
  ChartRef,
  Comparison,
  ComposedState,
  Dependent,
  Lineage,
  ValuesWithOrigins,
  VersionDetails,
  VersionRef,
} from '@helm-registry/client';
import { type CleanDetails, cleanDetails } from './clean-details.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Page of a list. */
export interface ListedItems<T> {
  items: readonly T[];
  total: number;
}

/** Requested page of the versions of a chart. */
export interface VersionsInput extends ChartRef {
  range?: string | undefined;
  /** Whether pre-releases are left out. */
  releases?: boolean | undefined;
  start?: number | undefined;
  limit: number;
}

const chartClientOf = ({ space, chart }: ChartRef) => registry.space(space).chart(chart);
const versionClientOf = (ref: VersionRef) => chartClientOf(ref).version(ref.version);

/** Versions of a chart, the highest first. */
export const versionsQuery = createQuery(
  async (
    { range, releases, start, limit, ...ref }: VersionsInput,
    signal,
  ): Promise<ListedItems<VersionDetails>> => {
    const filter = { ...(range && { range }), ...(releases && { preRelease: false }) };
    const { items, total } = await chartClientOf(ref)
      .versions(filter, { signal })
      .page({ start: start ?? 0, limit });
    return { items, total };
  },
);

/** Versions that the chooser of a chart's page offers, and those of a page of the tab. */
export const versionsPerPage = 50;

/** Picks the version that a chart's page shows. Pre-releases count where there is no release. */
export function pickLatest(
  versions: ListedItems<Pick<VersionDetails, 'version' | 'preRelease'>> | undefined,
): string | undefined {
  const items = versions?.items ?? [];
  return (items.find(({ preRelease }) => !preRelease) ?? items[0])?.version;
}

/** Facts about a version. */
export const detailsQuery = createQuery(
  async (ref: VersionRef, signal): Promise<CleanDetails> =>
    cleanDetails(await versionClientOf(ref).details({ signal })),
);

/** Largest number of files that a list shows. */
const maxListedFiles = 10_000;

/** Files of a version, those of subcharts too. */
export const filesQuery = createQuery(async (ref: VersionRef, signal): Promise<ListedItems<ChartFile>> => {
  const items: ChartFile[] = [];
  const list = versionClientOf(ref).files({}, { signal });
  let total = 0;
  do {
    const page = await list.page({ start: items.length, limit: 1_000 });
    if (page.items.length === 0) break;
    items.push(...page.items);
    total = page.total;
  } while (items.length < Math.min(total, maxListedFiles));
  return { items, total };
});

/** Text of a file of a version. */
export const fileQuery = createQuery(
  ({ path, ...ref }: VersionRef & { path: string }, signal): Promise<string> =>
    versionClientOf(ref).fileText(path, { signal }),
);

/** Values that templates get, with the place that each comes from. */
export const valuesQuery = createQuery(
  (ref: VersionRef, signal): Promise<ValuesWithOrigins> => versionClientOf(ref).valuesWithOrigins({ signal }),
);

/** Difference from a version to another one of the chart. */
export const comparisonQuery = createQuery(
  ({ to, start, ...ref }: VersionRef & { to: string; start: number }, signal): Promise<Comparison> =>
    versionClientOf(ref).compare(to, { start, limit: 100 }, { signal }),
);

/** Diff of one file between two versions, as long as it may be. */
export const fileDiffQuery = createQuery(
  ({ to, path, ...ref }: VersionRef & { to: string; path: string }, signal): Promise<Comparison> =>
    versionClientOf(ref).compare(to, { file: path }, { signal }),
);

/** Recipe, plan and sources of a composed version. */
export const lineageQuery = createQuery(
  (ref: VersionRef, signal): Promise<Lineage> => versionClientOf(ref).lineage({ signal }),
);

/** Whether a composed version and its sources are up to date. */
export const composedStateQuery = createQuery(
  (ref: VersionRef, signal): Promise<ComposedState> => versionClientOf(ref).outdated({ signal }),
);

/** Versions that were composed from a version. */
export const dependentsQuery = createQuery(
  async (
    { start, limit, ...ref }: VersionRef & { start: number; limit: number },
    signal,
  ): Promise<ListedItems<Dependent>> => {
    const { items, total } = await versionClientOf(ref).dependents({ signal }).page({ start, limit });
    return { items, total };
  },
);

/** Provenance file of a version. */
export const provenanceQuery = createQuery(
  (ref: VersionRef, signal): Promise<string> => versionClientOf(ref).provenance({ signal }),
);

/** Address of the bytes of a file, for images and downloads. */
export function fileUrl(ref: VersionRef, path: string): string {
  return versionClientOf(ref).fileUrl(path);
}

/** Address of the archive of a version. */
export function archiveUrl(ref: VersionRef): string {
  return versionClientOf(ref).archiveUrl;
}
