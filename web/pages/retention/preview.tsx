import type { RetentionPreviewItem } from '@helm-registry/client';
import { previewQuery } from '../../api/retention.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { describeBytes } from '../../parts/bytes.ts';
import { pathToChart } from '../../parts/chart-address.ts';
import { CursorPager } from '../../parts/cursor-pager.tsx';
import { readKnownWord } from '../../parts/read-query.ts';
import { Data, Empty } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { useReloadOn } from '../../parts/use-reload-on.ts';

const limit = 25;

const actionTexts = { keep: 'kept', delete: 'deleted' } as const;

/**
 * Versions with what a run would do now, and why. One action or all, in the address. Nothing is changed.
 * @param changes loads them anew when it changes
 */
export function Preview({ space, changes }: { space: string; changes: number }) {
  const { query, change, href } = useAddress();
  const { cursor } = query;
  const action = readKnownWord(['keep', 'delete'], query.action);
  const preview = useData(previewQuery, {
    space,
    filter: action === undefined ? {} : { action },
    limit,
    ...(cursor && { cursor }),
  });
  useReloadOn(changes, preview.reload);
  const all = { action: undefined, cursor: undefined };
  return (
    <section class="stack">
      <div class="row spread">
        <h2>What a run would do now</h2>
        <select
          class="select"
          aria-label="Versions of the preview"
          value={action ?? ''}
          onChange={({ currentTarget }) => change({ ...all, action: currentTarget.value })}
        >
          <option value="">All versions</option>
          <option value="keep">Kept versions</option>
          <option value="delete">Deleted versions</option>
        </select>
      </div>
      <Data data={preview} lines={8}>
        {({ items, next }) => (
          <div>
            {items.length === 0 ? (
              <Empty title={emptyTitle(action, next !== undefined)}>
                {action === undefined ? null : <a href={href(all)}>Show all versions</a>}
              </Empty>
            ) : (
              <div class="card">
                <Table
                  label="Preview of a run"
                  columns={columnsOf(space)}
                  rows={items}
                  keyOf={({ chart, version }) => `${chart} ${version}`}
                />
              </div>
            )}
            <CursorPager cursor={cursor} next={next} of="versions" />
          </div>
        )}
      </Data>
    </section>
  );
}

/** Says that no version is shown. Where more pages follow, only a part of the versions was examined. */
function emptyTitle(action: 'keep' | 'delete' | undefined, hasMore: boolean): string {
  if (hasMore) return 'None among the versions so far, look at the next page';
  return action === 'delete' ? 'No version would go' : 'There is no such version here';
}

function columnsOf(space: string): readonly Column<RetentionPreviewItem>[] {
  return [
    {
      id: 'version',
      label: 'Version',
      cell: ({ chart, version }) => (
        <a href={pathToChart(space, chart, version)}>
          <bdi>{chart}</bdi> <span class="mono">{version}</span>
        </a>
      ),
    },
    {
      id: 'action',
      label: 'Would be',
      cell: ({ action }) => <Badge tone={action === 'keep' ? 'good' : 'danger'}>{actionTexts[action]}</Badge>,
    },
    {
      id: 'rule',
      label: 'By',
      cell: ({ rule }) => <span class="number">{rule === null ? 'no rule' : `rule ${rule}`}</span>,
    },
    { id: 'why', label: 'Why', isText: true, cell: ({ message }) => message },
    { id: 'size', label: 'Size', isNumber: true, cell: ({ size }) => describeBytes(size) },
    { id: 'stored', label: 'Stored', cell: ({ storedAt }) => <Time at={storedAt} /> },
  ];
}
