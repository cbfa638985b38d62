import type { MirrorRun } from '@helm-registry/client';
import { mirrorRunsQuery } from '../../api/mirror.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { Data } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { describeDuration, Time } from '../../parts/time.tsx';
import { useReloadOn } from '../../parts/use-reload-on.ts';
import { RunState } from './mirror-state.tsx';

/** Runs that are shown, the newest. */
const limit = 10;

/** Newest runs of a mirror with their counts. @param run loads them anew when it changes */
export function MirrorRuns({ space, run }: { space: string; run: string }) {
  const runs = useData(mirrorRunsQuery, { space, limit });
  const { href } = useAddress();
  useReloadOn(run, runs.reload);
  return (
    <section class="stack">
      <h2>Runs</h2>
      <Data data={runs} lines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="muted">None yet.</p>
          ) : (
            <div class="card">
              <Table
                label="Runs of the mirror"
                columns={columnsOf((number) => href({ run: number, outcome: undefined, start: undefined }))}
                rows={items}
                keyOf={({ number }) => String(number)}
              />
            </div>
          )
        }
      </Data>
    </section>
  );
}

/** Counts in the order in which they are shown; zeros are left out. */
const countTexts = {
  chosen: 'chosen',
  unchanged: 'unchanged',
  stored: 'stored',
  replaced: 'replaced',
  changed: 'changed',
  failed: 'failed',
  skipped: 'skipped',
  gone: 'gone',
  pruned: 'pruned',
  tooYoung: 'too young',
} as const;

function describeCounts(run: MirrorRun): string {
  const texts = Object.entries(countTexts).flatMap(([key, word]) => {
    const count = run.counts[key] ?? 0;
    return count > 0 ? [`${count.toLocaleString('en')} ${word}`] : [];
  });
  return texts.length > 0 ? texts.join(', ') : 'nothing';
}

/** Makes the columns. @param hrefOf address of the page with the results of a run */
const columnsOf = (hrefOf: (number: number) => string): readonly Column<MirrorRun>[] => [
  {
    id: 'number',
    label: 'Run',
    cell: ({ number, hasResults }) =>
      hasResults ? (
        <a class="number" href={hrefOf(number)}>
          Run {number}
        </a>
      ) : (
        <span class="number">Run {number}</span>
      ),
  },
  { id: 'state', label: 'State', cell: ({ state }) => <RunState state={state} /> },
  { id: 'began', label: 'Began', cell: ({ startedAt }) => <Time at={startedAt} /> },
  {
    id: 'took',
    label: 'Took',
    cell: ({ startedAt, finishedAt }) =>
      finishedAt === null ? null : describeDuration(Date.parse(finishedAt) - Date.parse(startedAt)),
  },
  {
    id: 'versions',
    label: 'Versions',
    isText: true,
    cell: (run) => (
      <span>
        {describeCounts(run)}
        {run.error ? <span class="small muted"> {run.error.message}</span> : null}
        {run.retryAt === null ? null : (
          <span class="small muted">
            {' '}
            Tried again <Time at={run.retryAt} />.
          </span>
        )}
      </span>
    ),
  },
];
