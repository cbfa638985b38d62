import type { DeviceRequest, KnownCaller } from '@helm-registry/client';
import { useSignal } from '@preact/signals';
import { registry } from '../../api/registry.ts';
import { isKnownCaller } from '../../api/rights.ts';
import { useAddress } from '../../parts/address.ts';
import { announce } from '../../parts/announce.tsx';
import { TextField } from '../../parts/form/fields.tsx';
import { Form } from '../../parts/form/form.tsx';
import { readText } from '../../parts/form/read-fields.ts';
import { ShowIfAllowed } from '../../parts/show-if-allowed.tsx';
import { Empty } from '../../parts/states.tsx';
import { useTitle } from '../../parts/use-title.ts';
import { Decision } from './decision.tsx';

/** Page on which the reader approves the log-in of a command. The command shows the code. */
export function Device() {
  useTitle('Log in a command');
  return (
    <section class="stack">
      <h1>Log in a command</h1>
      <ShowIfAllowed may={isKnownCaller}>
        {(me) => (isKnownCaller(me) ? <Steps me={me} /> : null)}
      </ShowIfAllowed>
    </section>
  );
}

/** Steps of the page; a link to it brings the code, and nothing happens before the reader has sent it. */
function Steps({ me }: { me: KnownCaller }) {
  const { query } = useAddress();
  const request = useSignal<DeviceRequest | undefined>(undefined);
  const decision = useSignal<'approved' | 'denied' | undefined>(undefined);
  if (decision.value)
    return (
      <Empty title={decision.value === 'approved' ? 'The command is logged in' : 'The log-in is denied'}>
        <p>
          {decision.value === 'approved'
            ? 'Its token is among yours once the command has collected it. You can close this page.'
            : 'The command gets nothing. You can close this page.'}
        </p>
        <a class="button" href="/-/account">
          Your tokens
        </a>
      </Empty>
    );
  if (request.value)
    return (
      <Decision
        me={me}
        request={request.value}
        onDone={(word) => {
          decision.value = word;
          announce(word === 'approved' ? 'The command is logged in.' : 'The log-in is denied.');
        }}
        onLeave={() => {
          request.value = undefined;
        }}
      />
    );
  return (
    <Form
      action="Continue"
      send={async (fields) => {
        request.value = await registry.device.review(readText(fields, 'user_code'));
      }}
    >
      <TextField
        label="Code"
        name="user_code"
        required
        maxLength={20}
        defaultValue={query.code ?? ''}
        placeholder="BCDF-GHJK"
        hint="Your terminal shows it after helm-registry login."
      />
    </Form>
  );
}
