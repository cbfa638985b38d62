import type { ShownToken, Token } from '@helm-registry/client';
import { registry } from '../../api/registry.ts';
import { TextField } from '../../parts/form/fields.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readNumber } from '../../parts/form/read-fields.ts';

/** Button with the form that gives a token a new secret and a new end. */
export function RotateButton({
  token: { id, name },
  onDone,
}: {
  token: Token;
  onDone: (token: ShownToken) => void;
}) {
  return (
    <FormButton
      label="Rotate"
      of={name}
      title={`Rotate ${name}`}
      action="Make a new secret"
      size="small"
      done="The token has a new secret. Copy it now."
      send={async (fields) => {
        const [expiresInDays, overlapHours] = ['expiresInDays', 'overlapHours'].map((field) =>
          readNumber(fields, field),
        );
        const wanted = {
          ...(expiresInDays !== undefined && { expiresInDays }),
          ...(overlapHours !== undefined && { overlapHours }),
        };
        onDone(await registry.tokens.rotate(id, wanted));
      }}
    >
      <TextField
        label="Days until it expires"
        name="expiresInDays"
        type="number"
        min={1}
        step={1}
        defaultValue="90"
        required
      />
      <TextField
        label="Hours for which the present secret still works"
        name="overlapHours"
        type="number"
        min={0}
        max={720}
        step="any"
        defaultValue="24"
        required
        hint="Time to replace it where it is used. 0 ends it at once."
      />
    </FormButton>
  );
}
