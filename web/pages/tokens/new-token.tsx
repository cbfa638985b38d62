import type { NewToken, ShownToken } from '@helm-registry/client';
import { createToken, type TokenOwner } from '../../api/accounts.ts';
import { spaceRoles } from '../../api/roles.ts';
import { SelectField, TextField } from '../../parts/form/fields.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readItems, readNumber, readText } from '../../parts/form/read-fields.ts';
import { readWord } from '../../parts/read-query.ts';

/** Days for which a token is good unless another number is typed. */
const usualDays = 90;

const roleTexts = {
  '': 'the same as its owner',
  ...Object.fromEntries(spaceRoles.map((role) => [role, `${role} at most`])),
};

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
      send={async (fields) => onDone(await createToken(owner, readToken(fields)))}
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
        defaultValue={String(usualDays)}
        required
        hint="It can be rotated before, and then has a new end."
      />
      <SelectField label="May do" name="role" options={roleTexts} />
      {hasSpaces ? (
        <TextField label="Only in spaces" name="spaces" hint="Names with commas. Empty is all spaces." />
      ) : null}
      <TextField
        label="Only for charts"
        name="charts"
        hint="Names or globs with commas, such as web*. Empty is all charts."
      />
    </FormButton>
  );
}

function readToken(fields: FormData): NewToken {
  const role = readWord(spaceRoles, readText(fields, 'role'));
  const [spaces, charts] = [readItems(fields, 'spaces'), readItems(fields, 'charts')];
  const expiresInDays = readNumber(fields, 'expiresInDays');
  return {
    name: readText(fields, 'name'),
    ...(expiresInDays !== undefined && { expiresInDays }),
    ...(role && { role }),
    ...(spaces.length > 0 && { spaces }),
    ...(charts.length > 0 && { charts }),
  };
}
