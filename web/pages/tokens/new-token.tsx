import type { NewToken, ShownToken } from '@helm-registry/client';
import { createToken, type TokenOwner } from '../../api/accounts.ts';
import { TextField } from '../../parts/form/fields.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readNumber, readText } from '../../parts/form/read-fields.ts';
import { BoundsFields, readBounds } from './bounds-fields.tsx';

/** Days for which a token is good unless another number is typed. */
const defaultExpiryDays = 90;

/** Button with the form of a new token: its name, end and bounds. */
export function NewTokenButton({
  owner,
  onDone,
}: {
  owner: TokenOwner;
  onDone: (token: ShownToken) => void;
}) {
  // A service account of a space has no rights elsewhere.
  const hasSpaces = owner.kind !== 'account' || owner.space === undefined;
  return (
    <FormButton
      label="New token"
      title="New token"
      action="Create the token"
      kind="primary"
      done="The token is created. Copy its text now."
      send={async (fields) => onDone(await createToken(owner, readNewToken(fields)))}
    >
      <TextField
        label="Name"
        name="name"
        required
        maxLength={100}
        hint="Where it is used, such as a laptop or a pipeline."
      />
      <TextField
        label="Days until it expires"
        name="expiresInDays"
        type="number"
        min={1}
        step={1}
        defaultValue={String(defaultExpiryDays)}
        required
        hint="It can be rotated before, and then has a new end."
      />
      <BoundsFields hasSpaces={hasSpaces} />
    </FormButton>
  );
}

function readNewToken(fields: FormData): NewToken {
  const expiresInDays = readNumber(fields, 'expiresInDays');
  return {
    name: readText(fields, 'name'),
    ...(expiresInDays !== undefined && { expiresInDays }),
    ...readBounds(fields),
  };
}
