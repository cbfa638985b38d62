import type { VersionDetails } from '@helm-registry/client';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { pickLatest, type VersionsInput, versionsPerPage, versionsQuery } from '../../../api/chart.ts';
import { useData } from '../../../api/use-data.ts';
import { pathTo, useAddress } from '../../../parts/address.ts';
import { BeyondEnd } from '../../../parts/beyond-end.tsx';
import { describeBytes } from '../../../parts/bytes.ts';
import { pathToChart } from '../../../parts/chart-address.ts';
import { ChartBadges } from '../../../parts/chart-badges.tsx';
import { Pager, readStart } from '../../../parts/pager.tsx';
import { Data, Empty } from '../../../parts/states.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { Time } from '../../../parts/time.tsx';
import { useReloadOn } from '../../../parts/use-reload-on.ts';
import { DeleteVersion, useMayDelete } from '../../deleted/delete-version.tsx';
import { deletionChanges, reloadVersionLists } from '../../deleted/last-deletion.ts';
import { UndoDeletion } from '../../deleted/undo-deletion.tsx';
import type { VersionsTabProperties } from '../tab-properties.ts';
import { RangeFilter } from './range-filter.tsx';
import { markListShown } from './shown-lists.ts';

/** Tab of all versions, the highest first. Versions have dates, sizes and marks, and a SemVer range filters them. */
export function Versions({ details, list }: VersionsTabProperties) {
  const { query } = useAddress();
  const { route } = useLocation();
  const { space, chart, version } = details;
  const start = readStart(query.start);
  const filter = {
    range: query.range || undefined,
    releases: query.releases === 'true' || undefined,
    start: start || undefined,
  };
  const isPart = Object.values(filter).some((value) => value !== undefined);
  const part = useData(
    versionsQuery,
    isPart ? { space, chart, limit: versionsPerPage, ...filter } : undefined,
  );
  // The first page without a filter is that of the chooser. It is loaded anew where it was there before this tab.
  const versions = isPart ? part : list;
  useEffect(() => {
    if (!isPart && list.value && markListShown(list.value)) list.reload();
  }, [isPart]);
  const mayDelete = useMayDelete(space);
  useReloadOn(deletionChanges.value, part.reload);
  const onDeleted = async (deleted: string) => {
    if (deleted !== version) return reloadVersionLists();
    // The page of a version that is gone shows nothing. A filter may leave out the others, so they are loaded.
    const others = isPart ? await loadFreshVersions({ space, chart, limit: versionsPerPage }) : undefined;
    const next = versions.value?.items.find((row) => row.version !== deleted)?.version ?? pickLatest(others);
    // A chart goes with its last version, and has no list then.
    if (next === undefined) return route(pathTo('spaces', space));
    reloadVersionLists();
    const { range, releases } = query;
    route(pathToChart(space, chart, next, { tab: 'versions', range, releases }));
  };
  return (
    <div class="stack">
      <UndoDeletion space={space} />
      <RangeFilter version={version} />
      <Data data={versions} lines={12}>
        {({ items, total }) =>
          items.length === 0 && total > 0 ? (
            <BeyondEnd of="versions" />
          ) : items.length === 0 ? (
            <Empty title="No version fits">
              <p>Take another range, or show pre-releases too.</p>
            </Empty>
          ) : (
            <>
              <Table
                label="Versions"
                columns={columnsFor(details, items, mayDelete ? onDeleted : undefined)}
                rows={items}
                keyOf={(row) => row.version}
              />
              <Pager start={start} limit={versionsPerPage} total={total} of="versions" />
            </>
          )
        }
      </Data>
    </div>
  );
}

/** Reads a list of versions now. A load ahead would be taken by a list that is shown later, when it may be old. */
function loadFreshVersions(input: VersionsInput) {
  return versionsQuery.load(input, new AbortController().signal).catch(() => undefined);
}

/** Column that only registries with guarded access have something for. */
const authorColumn: Column<VersionDetails> = {
  id: 'author',
  label: 'By',
  cell: ({ author }) => (author ? <bdi>{author}</bdi> : null),
};

/** @param onDeleted absent where the reader may not delete */
function columnsFor(
  shown: VersionDetails,
  rows: readonly VersionDetails[],
  onDeleted: ((version: string) => Promise<void>) | undefined,
): Column<VersionDetails>[] {
  const { space, chart } = shown;
  return [
    {
      id: 'version',
      label: 'Version',
      cell: (row) => (
        <span class="row">
          <a
            href={pathToChart(space, chart, row.version)}
            aria-current={row.version === shown.version ? 'true' : undefined}
          >
            {row.version}
          </a>
          <ChartBadges of={row} />
        </span>
      ),
    },
    { id: 'app', label: 'App version', cell: (row) => (row.appVersion ? <bdi>{row.appVersion}</bdi> : null) },
    { id: 'created', label: 'Published', cell: (row) => <Time at={row.createdAt} /> },
    ...(rows.some(({ author }) => author) ? [authorColumn] : []),
    { id: 'size', label: 'Size', isNumber: true, cell: (row) => describeBytes(row.size) },
    {
      id: 'actions',
      label: '',
      cell: (row) => (
        <span class="version-actions">
          {row.version === shown.version ? (
            <span class="muted small">shown</span>
          ) : (
            <a
              class="small"
              aria-label={`Compare ${row.version} with ${shown.version}`}
              href={`${pathToChart(space, chart, shown.version, { tab: 'compare' })}&from=${encodeURIComponent(row.version)}`}
            >
              Compare
            </a>
          )}
          {onDeleted ? (
            <DeleteVersion
              of={{ space, chart, version: row.version }}
              onDone={() => onDeleted(row.version)}
            />
          ) : null}
        </span>
      ),
    },
  ];
}
