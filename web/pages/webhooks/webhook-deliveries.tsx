import type { WebhookDelivery } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { registry } from '../../api/registry.ts';
import { useData } from '../../api/use-data.ts';
import { type WebhookRef, webhookDeliveriesQuery } from '../../api/webhooks.ts';
import { useAddress } from '../../parts/address.ts';
import { announce } from '../../parts/announce.tsx';
import { Button } from '../../parts/button.tsx';
import { DeliveryState, LastAttempt, useReloadWhilePending } from '../../parts/delivery.tsx';
import { Pager, readStart } from '../../parts/pager.tsx';
import { readKnownWord } from '../../parts/read-query.ts';
import { Data, Empty, Problem } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { useAction } from '../../parts/use-action.ts';
import { DeliveryDialog } from './delivery-dialog.tsx';

const limit = 25;

const states = ['pending', 'succeeded', 'failed'] as const;

/**
 * Deliveries of a webhook, each with another call of it.
 * @param version loads them anew when it changes
 */
export function WebhookDeliveries({ of, version }: { of: WebhookRef; version: number }) {
  const { query, change, href } = useAddress();
  const start = readStart(query.start);
  const state = readKnownWord(states, query.state);
  const deliveries = useData(webhookDeliveriesQuery, { of, state, page: { start, limit } });
  const { value, reload } = deliveries;
  useEffect(() => {
    if (version > 0) reload();
  }, [version]);
  useReloadWhilePending(value?.items, reload);
  const looked = useSignal<string | undefined>(undefined);
  const replay = useAction(async (id: string) => {
    await registry.space(of.space).webhooks.replay(of.webhook, id);
    announce('The call is made again.');
    reload();
  });
  const look = (id: string) => {
    looked.value = id;
  };
  return (
    <section class="stack">
      <div class="row spread">
        <h2>Deliveries</h2>
        <div class="row">
          <Button onClick={reload}>Refresh</Button>
          <select
            class="select"
            aria-label="State of deliveries"
            value={state ?? ''}
            onChange={({ currentTarget }) => change({ state: currentTarget.value, start: undefined })}
          >
            <option value="">All deliveries</option>
            {states.map((word) => (
              <option key={word} value={word}>
                {`${word.charAt(0).toUpperCase()}${word.slice(1)}`}
              </option>
            ))}
          </select>
        </div>
      </div>
      {replay.problem ? <Problem problem={replay.problem} /> : null}
      <Data data={deliveries} lines={4}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title={state === undefined ? 'Nothing was called yet' : `No ${state} deliveries`}>
              {state === undefined ? (
                <p>Make a test call to see whether the receiver answers.</p>
              ) : (
                <a href={href({ state: undefined, start: undefined })}>Show all deliveries</a>
              )}
            </Empty>
          ) : (
            <div>
              <div class="card">
                <Table
                  label="Deliveries"
                  columns={columnsOf(look, replay.run, replay.isBusy)}
                  rows={items}
                  keyOf={({ id }) => id}
                />
              </div>
              <Pager start={start} limit={limit} total={total} of="deliveries" />
            </div>
          )
        }
      </Data>
      <DeliveryDialog
        of={of}
        delivery={looked.value}
        onClose={() => {
          looked.value = undefined;
        }}
      />
    </section>
  );
}

function columnsOf(
  look: (id: string) => void,
  replay: (id: string) => void,
  isBusy: boolean,
): readonly Column<WebhookDelivery>[] {
  return [
    { id: 'type', label: 'Event', cell: ({ type }) => <span class="mono">{type}</span> },
    { id: 'state', label: 'State', cell: ({ state }) => <DeliveryState state={state} /> },
    { id: 'created', label: 'Happened', cell: ({ createdAt }) => <Time at={createdAt} /> },
    { id: 'last', label: 'Last attempt', cell: ({ attempts }) => <LastAttempt attempts={attempts} /> },
    {
      id: 'next',
      label: 'Next attempt',
      cell: ({ nextAttemptAt }) => (nextAttemptAt === null ? null : <Time at={nextAttemptAt} />),
    },
    {
      id: 'actions',
      label: '',
      cell: ({ id, type }) => (
        <span class="row">
          <Button size="small" aria-label={`Look at ${type} ${id}`} onClick={() => look(id)}>
            Look
          </Button>
          <Button size="small" isBusy={isBusy} aria-label={`Replay ${type} ${id}`} onClick={() => replay(id)}>
            Replay
          </Button>
        </span>
      ),
    },
  ];
}
