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
  const shownEvent = useSignal<AuditEvent | undefined>(undefined);
  const actions: Column<AuditEvent> = {
    id: 'look',
    label: '',
    cell: (event) => (
      <Button
        size="small"
        aria-label={`Look at ${event.action} of ${event.time}`}
        aria-haspopup="dialog"
        onClick={() => {
          shownEvent.value = event;
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
        event={shownEvent.value}
        onClose={() => {
          shownEvent.value = undefined;
        }}
      />
    </>
  );
}

/** Keys of details that name the thing which an action is about. */
const subjectKeys = ['principal', 'user', 'group', 'account', 'tokenName', 'webhook'];

/** Names the thing that an event is about beside its space, such as a user. */
function subjectOf({ details = {} }: AuditEvent): string | undefined {
  const found = subjectKeys.map((name) => details[name]).find((value) => typeof value === 'string');
  return typeof found === 'string' ? found : undefined;
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
    { id: 'who', label: 'Who', cell: ({ principal: { kind, name } }) => name ?? kind },
    {
      id: 'about',
      label: 'About',
      cell: (event) => {
        const { space, chart, version } = event;
        const path = [hasSpace ? space : undefined, chart, version].filter((part) => part !== undefined);
        const subject = subjectOf(event);
        return path.length === 0 && subject === undefined ? null : (
          <span>
            {path.join(' / ')} {subject === undefined ? null : <span class="muted">{subject}</span>}
          </span>
        );
      },
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
