import type { ShownWebhook } from '@helm-registry/client';
import { SecretNote } from '../../parts/secret-note.tsx';

/** Secret that the registry has made for a webhook, once. */
export function WebhookSecret({
  webhook,
  onDone,
}: {
  webhook: ShownWebhook | undefined;
  onDone: () => void;
}) {
  if (webhook?.secret === undefined) return null;
  return (
    <SecretNote
      title="Secret of the webhook"
      secret={webhook.secret}
      label="the secret of the webhook"
      onDone={onDone}
    >
      <p class="small muted">
        Calls are signed with it as Standard Webhooks describes. Its libraries verify them by this text.
      </p>
    </SecretNote>
  );
}
