import type { ShownWebhook, Webhook } from '@helm-registry/client';
import { useLocation } from 'preact-iso';
import { registry } from '../../api/registry.ts';
import type { WebhookRef } from '../../api/webhooks.ts';
import { pathTo } from '../../parts/address.ts';
import { announce } from '../../parts/announce.tsx';
import { Button } from '../../parts/button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { Problem } from '../../parts/states.tsx';
import { useAction } from '../../parts/use-action.ts';
import { readWebhook, WebhookFields } from './webhook-fields.tsx';

/** Buttons of a webhook: test, edit, new secret, pause or resume, delete. */
export function WebhookActions({
  of,
  webhook,
  onChanged,
}: {
  of: WebhookRef;
  webhook: Webhook;
  onChanged: (changed?: ShownWebhook) => void;
}) {
  const { webhooks } = registry.space(of.space);
  const { route } = useLocation();
  const isPaused = webhook.state === 'paused';
  const test = useAction(async () => {
    await webhooks.test(of.webhook);
    announce('The test call is on its way.');
    onChanged();
  });
  const pause = useAction(async () => {
    onChanged(await webhooks.change(of.webhook, { state: isPaused ? 'active' : 'paused' }));
    announce(isPaused ? 'The webhook is active.' : 'The webhook is paused.');
  });
  const problem = test.problem ?? pause.problem;
  return (
    <>
      <div class="row">
        <Button kind="primary" isBusy={test.isBusy} onClick={() => test.run(undefined)}>
          Make a test call
        </Button>
        <FormButton
          label="Edit"
          title="Webhook"
          action="Save"
          done="The webhook is saved."
          send={async (fields) => {
            const { url, ...change } = readWebhook(fields);
            // The address that is shown has its query masked, and would replace the real one.
            onChanged(
              await webhooks.change(of.webhook, { ...change, ...(url === webhook.url ? {} : { url }) }),
            );
          }}
        >
          <WebhookFields webhook={webhook} />
        </FormButton>
        <ConfirmButton
          label="New secret"
          of="for the webhook"
          action="Make a new secret"
          isHarmless
          done="The webhook has a new secret. Copy it now."
          act={async () => onChanged(await webhooks.change(of.webhook, { rotateSecret: true }))}
        >
          <p>For a day, calls are signed with the former secret too. Change it at the receiver meanwhile.</p>
        </ConfirmButton>
        <Button isBusy={pause.isBusy} onClick={() => pause.run(undefined)}>
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
        <ConfirmButton
          label="Delete"
          of={`the webhook ${webhook.url}`}
          done="The webhook is deleted."
          act={async () => {
            await webhooks.delete(of.webhook);
            route(`${pathTo('spaces', of.space, 'settings')}?tab=webhooks`);
          }}
        >
          <p>It is not called again, and its deliveries are deleted too.</p>
        </ConfirmButton>
      </div>
      {problem ? <Problem problem={problem} /> : null}
    </>
  );
}
