import { registry } from '../../api/registry.ts';
import { TextField } from '../../parts/form/fields.tsx';
import { Form } from '../../parts/form/form.tsx';
import { pathToLogIn } from '../../parts/log-in.ts';

/** Form that changes the password of the reader. Its sessions end with it, so it leads to the log-in. */
export function PasswordForm({ name }: { name: string }) {
  return (
    <Form
      action="Change the password"
      send={async (fields) => {
        await registry.changePassword({ old: String(fields.get('old')), new: String(fields.get('new')) });
        location.assign(pathToLogIn('/-/account'));
      }}
    >
      {/* By it a keeper of passwords knows whose they are. */}
      <input hidden type="text" autocomplete="username" defaultValue={name} />
      <TextField
        label="Present password"
        name="old"
        type="password"
        autocomplete="current-password"
        required
      />
      <TextField
        label="New password"
        name="new"
        type="password"
        autocomplete="new-password"
        minLength={8}
        required
        hint="At least 8 characters; a sentence of several words is good. You log in again with it. Jobs and follows that you have begun with the present one end, your tokens stay."
      />
    </Form>
  );
}
