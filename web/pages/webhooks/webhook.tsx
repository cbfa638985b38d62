import type { ShownWebhook } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { useRoute } from 'preact-iso';
import { rightsInSpace } from '../../api/rights.ts';
import { useData } from '../../api/use-data.ts';
import { type WebhookRef, webhookQuery } from '../../api/webhooks.ts';
import { pathTo } from '../../parts/address.ts';
import { describeCount } from '../../parts/bytes.ts';
import { Fact, Facts } from '../../parts/facts.tsx';
import { ShowIfAllowed } from '../../parts/show-if-allowed.tsx';
import { Data } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { WebhookActions } from './webhook-actions.tsx';
import { WebhookDeliveries } from './webhook-deliveries.tsx';
import { WebhookSecret } from './webhook-secret.tsx';
import { WebhookState } from './webhook-state.tsx';
import './webhooks.css';

/** Page of a webhook: its settings, what can be done to it, and its deliveries. */
export function Webhook() {
  const { space = '', webhook = '' } = useRoute().params;
  useTitle('Webhook', space);
  return (
    <section class="stack" key={webhook}>
      <div>
        <p class="small">
          <a href={`${pathTo('spaces', space, 'settings')}?tab=webhooks`}>Webhooks of {space}</a>
        </p>
        <h1>Webhook</h1>
      </div>
      <ShowIfAllowed may={(me) => rightsInSpace(me, space).webhooks}>
        {() => <WebhookSections of={{ space, webhook }} />}
      </ShowIfAllowed>
    </section>
  );
}

function WebhookSections({ of }: { of: WebhookRef }) {
  const webhook = useData(webhookQuery, of);
  const shown = useSignal<ShownWebhook | undefined>(undefined);
  const deliveries = useSignal(0);
  return (
    <Data data={webhook} lines={8}>
      {(value) => (
        <div class="stack">
          <p class="webhook-url mono">{value.url}</p>
          {value.description === '' ? null : <p class="muted">{value.description}</p>}
          <WebhookActions
            of={of}
            webhook={value}
            onChanged={(changed) => {
              if (changed?.secret !== undefined) shown.value = changed;
              webhook.reload();
              deliveries.value += 1;
            }}
          />
          <WebhookSecret
            webhook={shown.value}
            onDone={() => {
              shown.value = undefined;
            }}
          />
          <Facts>
            <Fact name="State">
              <WebhookState webhook={value} />
            </Fact>
            <Fact name="Events">
              <span class="mono">{value.events.join(', ')}</span>
            </Fact>
            <Fact name="Charts">{value.charts?.join(', ') ?? 'all'}</Fact>
            <Fact name="Created">
              <Time at={value.createdAt} />
            </Fact>
            {value.previousSecretUntil === null ? null : (
              <Fact name="Signed with the secret before until">
                <Time at={value.previousSecretUntil} />
              </Fact>
            )}
          </Facts>
          {value.paused ? (
            <p class="note" data-tone="warn">
              {value.paused.message}
            </p>
          ) : value.failing ? (
            <p class="note" data-tone="danger">
              <span>
                {describeCount(value.failing.attempts, 'failed attempt')} since{' '}
                <Time at={value.failing.since} />, and no call was received.
              </span>
            </p>
          ) : null}
          <WebhookDeliveries of={of} version={deliveries.value} />
        </div>
      )}
    </Data>
  );
}
