import { registry } from '../../api/registry.ts';
import { spaceRoles } from '../../api/roles.ts';
import { SelectField, TextField } from '../../parts/form/fields.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readText } from '../../parts/form/read-fields.ts';
import { readKnownWord } from '../../parts/read-query.ts';
import { RoleField } from './role-field.tsx';

/** Button with the form that makes somebody a member of a space. */
export function NewMemberButton({ space, onDone }: { space: string; onDone: () => void }) {
  const kinds = {
    user: 'User',
    group: 'Group of users',
    [`account:${space}/`]: 'Service account of this space',
    account: 'Service account of the registry',
  };
  return (
    <FormButton
      label="Add a member"
      title={`New member of ${space}`}
      action="Add"
      kind="primary"
      done="The member is added."
      send={async (fields) => {
        const [kind, name] = [readText(fields, 'kind'), readText(fields, 'name')];
        const principal = kind.endsWith('/') ? `${kind}${name}` : `${kind}:${name}`;
        const role = readKnownWord(spaceRoles, readText(fields, 'role')) ?? 'reader';
        await registry.space(space).members.set(principal, role);
        onDone();
      }}
    >
      <SelectField label="Kind" name="kind" options={kinds} />
      <TextField label="Name" name="name" required hint="Exactly as the user, group or account is called." />
      <RoleField current="reader" />
    </FormButton>
  );
}
