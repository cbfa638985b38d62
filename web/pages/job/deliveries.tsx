import type { Delivery } from '@helm-registry/client';
import { deliveriesQuery } from '../../api/jobs.ts';
import { registry } from '../../api/registry.ts';
import { useData } from '../../api/use-data.ts';
import { Button } from '../../parts/button.tsx';
import { DeliveryState, LastAttempt, useReloadWhilePending } from '../../parts/delivery.tsx';
import { Data, Problem } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { useAction } from '../../parts/use-action.ts';

/** Webhook calls of a job, each with its last attempt, and another call of it. */
export function Deliveries({ id, isOver }: { id: string; isOver: boolean }) {
  // Loaded anew once the job is over, since its end makes the calls.
  const deliveries = useData(deliveriesQuery, isOver ? id : undefined);
  const replay = useAction(async (delivery: string) => {
    await registry.jobs.replay(id, delivery);
    deliveries.reload();
  });
  useReloadWhilePending(deliveries.value?.items, deliveries.reload);
  if (!isOver || deliveries.value?.items.length === 0) return null;
  return (
    <section class="stack tight">
      <h2>Webhook calls</h2>
      {replay.problem ? <Problem problem={replay.problem} /> : null}
      <Data data={deliveries} lines={2}>
        {({ items }) => (
          <div class="card">
            <Table
              label="Webhook calls"
              columns={columnsOf(replay.run, replay.isBusy)}
              rows={items}
              keyOf={({ id }) => id}
            />
          </div>
        )}
      </Data>
    </section>
  );
}

function columnsOf(replay: (delivery: string) => void, isBusy: boolean): readonly Column<Delivery>[] {
  return [
    { id: 'url', label: 'Address', cell: ({ url }) => <bdi class="mono">{url}</bdi> },
    { id: 'state', label: 'State', cell: ({ state }) => <DeliveryState state={state} /> },
    { id: 'last', label: 'Last attempt', cell: ({ attempts }) => <LastAttempt attempts={attempts} /> },
    {
      id: 'replay',
      label: '',
      cell: ({ id, state, url }) =>
        state === 'pending' ? null : (
          <Button
            size="small"
            isBusy={isBusy}
            aria-label={`Replay the call of ${url}`}
            onClick={() => replay(id)}
          >
            Replay
          </Button>
        ),
    },
  ];
}
