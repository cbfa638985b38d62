import type { AuditEvent } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { AuditDialog } from './audit-dialog.tsx';

const tones = { done: undefined, denied: 'warn', failed: 'danger' } as const;

/** Events as rows; a dialog has the rest of one. */
export function AuditRows({ events, hasSpace }: { events: readonly AuditEvent[]; hasSpace: boolean }) {
  const looked = useSignal<AuditEvent | undefined>(undefined);
  const actions: Column<AuditEvent> = {
    id: 'look',
    label: '',
    cell: (event) => (
      <Button
        size="small"
        aria-label={`Look at ${event.action} of ${event.time}`}
        aria-haspopup="dialog"
        onClick={() => {
          looked.value = event;
        }}
      >
        Look
      </Button>
    ),
  };
  return (
    <>
      <Table
        label="Audit events"
        columns={[...columnsOf(hasSpace), actions]}
        rows={events}
        keyOf={({ id }) => id}
      />
      <AuditDialog
        event={looked.value}
        onClose={() => {
          looked.value = undefined;
        }}
      />
    </>
  );
}

/** Names who did something. */
export function nameOf({ kind, name }: AuditEvent['principal']): string {
  return name ?? kind;
}

/** Names what an event is about, as far as it says: space, chart and version. */
export function targetOf({ space, chart, version }: AuditEvent, hasSpace = true): string {
  return [hasSpace ? space : undefined, chart, version].filter((part) => part !== undefined).join(' / ');
}

function columnsOf(hasSpace: boolean): readonly Column<AuditEvent>[] {
  return [
    {
      id: 'action',
      label: 'Action',
      cell: ({ action, right, outcome, times }) => (
        <span class="row">
          <span class="mono">{action}</span>
          {right === undefined || action !== 'access' ? null : <span class="mono muted">{right}</span>}
          {outcome === 'done' ? null : <Badge tone={tones[outcome]}>{outcome}</Badge>}
          {times > 1 ? <Badge>{times} times</Badge> : null}
        </span>
      ),
    },
    { id: 'who', label: 'Who', cell: ({ principal }) => nameOf(principal) },
    {
      id: 'target',
      label: hasSpace ? 'Space / chart / version' : 'Chart / version',
      cell: (event) => targetOf(event, hasSpace) || null,
    },
    {
      id: 'from',
      label: 'From',
      cell: ({ door, address }) => (
        <span>
          {door} {address === undefined ? null : <span class="mono muted">{address}</span>}
        </span>
      ),
    },
    { id: 'time', label: 'Time', cell: ({ time }) => <Time at={time} /> },
  ];
}
