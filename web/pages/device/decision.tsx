import type { DeviceRequest, KnownCaller } from '@helm-registry/client';
import { useEffect, useRef } from 'preact/hooks';
import { registry } from '../../api/registry.ts';
import { Button } from '../../parts/button.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { TextField } from '../../parts/form/fields.tsx';
import { Form } from '../../parts/form/form.tsx';
import { readNumber } from '../../parts/form/read-fields.ts';
import { Problem } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { useAction } from '../../parts/use-action.ts';
import { BoundsFields, readBounds } from '../tokens/bounds-fields.tsx';
import './device.css';

/**
 * Shows who asks to act as the reader, with the code to compare. Somebody else may have sent the link (RFC 8628 section
 * 5.4). Buttons approve and deny.
 */
export function Decision({
  me,
  request,
  onDone,
  onLeave,
}: {
  me: KnownCaller;
  request: DeviceRequest;
  onDone: (decision: 'approved' | 'denied') => void;
  /** Leads back to the code. */
  onLeave: () => void;
}) {
  const { user_code, client, address, expiresInDays, createdAt, expiresAt } = request;
  const heading = useRef<HTMLHeadingElement>(null);
  const deny = useAction(async () => {
    await registry.device.deny(user_code);
    onDone('denied');
  });
  useEffect(() => heading.current?.focus(), []);
  return (
    <div class="stack">
      <h2 ref={heading} tabIndex={-1}>
        A command asks to act as {me.name}
      </h2>
      <p>
        Does your terminal show this code? <strong class="device-code">{user_code}</strong>
      </p>
      <div class="note" data-tone="warn">
        <p>
          Approve only if you began this log-in yourself a moment ago. If somebody sent you this link or this
          code, deny it: they would act as you.
        </p>
      </div>
      <Facts>
        <Fact name="Calls itself">{client}</Fact>
        <Fact name="Asks from the address">{address}</Fact>
        <Fact name="Asked">
          <Time at={createdAt} />
        </Fact>
        <Fact name="Can be approved until">
          <Time at={expiresAt} />
        </Fact>
      </Facts>
      <h3>What it will be able to do</h3>
      <p>
        Everything that you may do, unless you let it do less, until its token ends or you revoke it on the
        page of your account.
      </p>
      <Form
        action="Approve"
        send={async (fields) => {
          const days = readNumber(fields, 'expiresInDays');
          await registry.device.approve(user_code, {
            ...(days !== undefined && { expiresInDays: days }),
            ...readBounds(fields),
          });
          onDone('approved');
        }}
      >
        <TextField
          label="Days until it expires"
          name="expiresInDays"
          type="number"
          min={1}
          step={1}
          defaultValue={expiresInDays === null ? '' : String(expiresInDays)}
          hint="Empty is 90 days, or as many as the registry allows."
        />
        <details class="fold">
          <summary>Let it do less</summary>
          <div class="stack">
            <BoundsFields />
          </div>
        </details>
      </Form>
      {deny.problem ? <Problem problem={deny.problem} /> : null}
      <div class="row">
        <Button kind="danger" isBusy={deny.isBusy} onClick={() => deny.run(undefined)}>
          Deny
        </Button>
        <Button kind="quiet" onClick={onLeave}>
          Another code
        </Button>
      </div>
    </div>
  );
}
