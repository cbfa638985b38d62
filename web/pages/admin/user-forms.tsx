import type { User } from '@helm-registry/client';
import { registry } from '../../api/registry.ts';
import { Choice, TextField } from '../../parts/form/fields.tsx';
import { FormButton } from '../../parts/form/form-button.tsx';
import { readText } from '../../parts/form/read-fields.ts';
import { RegistryRoleField, readRegistryRole } from './registry-role.tsx';

/** Button with the form of a new local user. */
export function NewUserButton({ onDone }: { onDone: () => void }) {
  return (
    <FormButton
      label="New user"
      title="New user"
      action="Create the user"
      kind="primary"
      done="The user is created."
      send={async (fields) => {
        const password = String(fields.get('password') ?? '');
        await registry.users.create({
          name: readText(fields, 'name'),
          role: readRegistryRole(fields),
          ...(password !== '' && { password }),
        });
        onDone();
      }}
    >
      <TextField
        label="Name"
        name="name"
        required
        maxLength={100}
        hint="Users of a provider come by their first log-in, without this form."
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autocomplete="new-password"
        minLength={8}
        hint="At least 8 characters. Without one the user acts by tokens only."
      />
      <RegistryRoleField current={null} />
    </FormButton>
  );
}

/** Button with the form that changes a user. */
export function EditUserButton({
  user: { name, role, disabled, login },
  onDone,
}: {
  user: User;
  onDone: () => void;
}) {
  return (
    <FormButton
      label="Change"
      of={name}
      title={`User ${name}`}
      action="Save"
      size="small"
      done={`User ${name} is saved.`}
      send={async (fields) => {
        const password = String(fields.get('password') ?? '');
        await registry.users.change(name, {
          role: readRegistryRole(fields),
          disabled: fields.get('disabled') !== null,
          ...(password !== '' && { password }),
          ...(fields.get('noPassword') !== null && { password: null }),
        });
        onDone();
      }}
    >
      <RegistryRoleField current={role} />
      <Choice
        label="Disabled"
        name="disabled"
        value="on"
        isChosen={disabled}
        hint="It cannot act, also not by its tokens."
      />
      {login === 'provider' ? null : (
        <TextField
          label="New password"
          name="password"
          type="password"
          autocomplete="new-password"
          minLength={8}
          hint="Empty leaves it as it is. A new one ends the browser sessions of the user, and what was begun with the present one."
        />
      )}
      {login === 'password' ? (
        <Choice
          label="Take the password away"
          name="noPassword"
          value="on"
          hint="The user acts by tokens only."
        />
      ) : null}
    </FormButton>
  );
}
