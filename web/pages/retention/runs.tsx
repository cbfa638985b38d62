import type { RetentionRun } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { retentionRunsQuery } from '../../api/retention.ts';
import { useData } from '../../api/use-data.ts';
import { useAddress } from '../../parts/address.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { describeBytes, describeCount } from '../../parts/bytes.ts';
import { Pager, readStart } from '../../parts/pager.tsx';
import { Data } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { useReloadOn } from '../../parts/use-reload-on.ts';
import { useReloadWhile } from '../../parts/use-reload-while.ts';
import { RunDialog } from './run-dialog.tsx';

const limit = 10;

const tones = { running: 'accent', succeeded: 'good', halted: 'warn', failed: 'danger' } as const;

/**
 * Runs of the retention of a space, the newest first. Those that go on are followed.
 * @param changes loads them anew when it changes
 */
export function Runs(props: { space: string; mayLook: boolean; changes: number; onEnded: () => void }) {
  const { space, mayLook, changes, onEnded } = props;
  const start = readStart(useAddress().query.start);
  const runs = useData(retentionRunsQuery, { space, page: { start, limit } });
  const looked = useSignal<RetentionRun | undefined>(undefined);
  useReloadOn(changes, runs.reload);
  const goesOn = runs.value?.items.some(({ state }) => state === 'running') ?? false;
  useReloadWhile(goesOn, runs.reload);
  const wentOn = useRef(false);
  useEffect(() => {
    if (wentOn.current && !goesOn) onEnded();
    wentOn.current = goesOn;
  }, [goesOn]);
  const look: Column<RetentionRun> = {
    id: 'look',
    label: '',
    cell: (run) => (
      <span class="row">
        <Button
          size="small"
          aria-haspopup="dialog"
          aria-label={`Look at the run of ${run.startedAt}`}
          onClick={() => {
            looked.value = run;
          }}
        >
          Look
        </Button>
      </span>
    ),
  };
  return (
    <section class="stack">
      <h2>Runs</h2>
      <Data data={runs} lines={3}>
        {({ items, total }) =>
          total === 0 ? (
            <p class="muted">None yet.</p>
          ) : (
            <div>
              <div class="card">
                <Table
                  label="Runs of the retention"
                  columns={mayLook ? [...columns, look] : columns}
                  rows={items}
                  keyOf={({ id }) => id}
                />
              </div>
              <Pager start={start} limit={limit} total={total} of="runs" />
            </div>
          )
        }
      </Data>
      <RunDialog
        space={space}
        run={looked.value}
        onClose={() => {
          looked.value = undefined;
        }}
      />
    </section>
  );
}

const columns: readonly Column<RetentionRun>[] = [
  { id: 'started', label: 'Began', cell: ({ startedAt }) => <Time at={startedAt} /> },
  { id: 'state', label: 'State', cell: ({ state }) => <Badge tone={tones[state]}>{state}</Badge> },
  {
    id: 'by',
    label: 'By',
    cell: ({ openedBy, principal }) =>
      openedBy === 'schedule' ? 'the schedule' : (principal ?? 'a request'),
  },
  {
    id: 'examined',
    label: 'Looked at',
    isNumber: true,
    cell: ({ examined }) => examined.toLocaleString('en'),
  },
  {
    id: 'deleted',
    label: 'Deleted',
    isText: true,
    cell: ({ deleted, due, bytes, error }) => (
      <span>
        {deleted} of {describeCount(due, 'version')}
        {deleted > 0 ? `, ${describeBytes(bytes)}` : ''}
        {error ? <span class="small muted"> {error.message}</span> : null}
      </span>
    ),
  },
];
