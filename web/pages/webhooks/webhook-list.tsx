import type { ShownWebhook, Webhook } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { registry } from '../../api/registry.ts';
import { useData } from '../../api/use-data.ts';
import { webhooksQuery } from '../../api/webhooks.ts';
import { pathTo, useAddress } from '../../parts/address.ts';
import { FormButton } from '../../parts/form/form-button.tsx';
import { Pager, readStart } from '../../parts/pager.tsx';
import { Data, Empty } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { readWebhook, WebhookFields } from './webhook-fields.tsx';
import { WebhookSecret } from './webhook-secret.tsx';
import { WebhookState } from './webhook-state.tsx';
import './webhooks.css';

const limit = 50;

/** Webhooks of a space, each with a page of its own. The secret of a new one is shown once, above the list. */
export function WebhookList({ space }: { space: string }) {
  const start = readStart(useAddress().query.start);
  const webhooks = useData(webhooksQuery, { space, page: { start, limit } });
  const shown = useSignal<ShownWebhook | undefined>(undefined);
  return (
    <section class="stack">
      <div class="row spread">
        <h2>Webhooks</h2>
        <FormButton
          label="New webhook"
          title={`New webhook of ${space}`}
          action="Create the webhook"
          kind="primary"
          done="The webhook is created. Copy its secret now."
          send={async (fields) => {
            shown.value = await registry.space(space).webhooks.create(readWebhook(fields));
            webhooks.reload();
          }}
        >
          <WebhookFields />
        </FormButton>
      </div>
      <WebhookSecret
        webhook={shown.value}
        onDone={() => {
          shown.value = undefined;
        }}
      />
      <Data data={webhooks} lines={3}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Empty title="No webhooks yet">
              <p>A webhook calls an address when something happens in this space.</p>
            </Empty>
          ) : (
            <div>
              <div class="card">
                <Table
                  label={`Webhooks of ${space}`}
                  columns={columnsOf(space)}
                  rows={items}
                  keyOf={({ id }) => id}
                />
              </div>
              <Pager start={start} limit={limit} total={total} of="webhooks" />
            </div>
          )
        }
      </Data>
    </section>
  );
}

function columnsOf(space: string): readonly Column<Webhook>[] {
  return [
    {
      id: 'url',
      label: 'Address',
      cell: ({ id, url, description }) => (
        <div>
          <a href={pathTo('spaces', space, 'webhooks', id)}>{url}</a>
          {description === '' ? null : <p class="small muted">{description}</p>}
        </div>
      ),
    },
    { id: 'state', label: 'State', cell: (webhook) => <WebhookState webhook={webhook} /> },
    { id: 'events', label: 'Events', cell: ({ events }) => <span class="mono">{events.join(', ')}</span> },
    {
      id: 'charts',
      label: 'Charts',
      cell: ({ charts }) => charts?.join(', ') ?? <span class="muted">all</span>,
    },
  ];
}
