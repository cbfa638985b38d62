import type { DeliveryAttempt } from '@helm-registry/client';
import { useData } from '../../api/use-data.ts';
import { deliveryWithPayloadQuery, type WebhookRef } from '../../api/webhooks.ts';
import { Copyable } from '../../parts/copy-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Data } from '../../parts/states.tsx';
import { describeDuration, Time } from '../../parts/time.tsx';

/** Delivery with its attempts and the payload that is sent. */
export function DeliveryDialog({
  of,
  delivery,
  onClose,
}: {
  of: WebhookRef;
  delivery: string | undefined;
  onClose: () => void;
}) {
  return (
    <Dialog title="Delivery" isOpen={delivery !== undefined} onClose={onClose}>
      {delivery === undefined ? null : <DeliveryFacts of={of} delivery={delivery} />}
    </Dialog>
  );
}

function DeliveryFacts({ of, delivery }: { of: WebhookRef; delivery: string }) {
  const found = useData(deliveryWithPayloadQuery, { of, delivery });
  return (
    <Data data={found} lines={6}>
      {({ id, url, attempts, payload }) => (
        <div class="stack">
          <p class="small">
            <span class="mono">{id}</span> to <span class="mono">{url}</span>
          </p>
          <h3>Attempts</h3>
          <Attempts attempts={attempts} />
          <h3>Payload</h3>
          <Copyable text={JSON.stringify(payload, null, 2)} label="the payload" />
        </div>
      )}
    </Data>
  );
}

function Attempts({ attempts }: { attempts: readonly DeliveryAttempt[] }) {
  if (attempts.length === 0) return <p class="muted">None yet.</p>;
  return (
    <ol class="stack attempts">
      {attempts.map(({ number, startedAt, durationMs, status, error }) => (
        <li key={number}>
          {number}. <strong>{status ?? error ?? 'no answer'}</strong> in {describeDuration(durationMs)},{' '}
          <Time at={startedAt} />
        </li>
      ))}
    </ol>
  );
}
