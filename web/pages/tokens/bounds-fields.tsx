import type { NewToken } from '@helm-registry/client';
import { spaceRoles } from '../../api/roles.ts';
import { SelectField, TextField } from '../../parts/form/fields.tsx';
import { readItems, readText } from '../../parts/form/read-fields.ts';
import { readKnownWord } from '../../parts/read-query.ts';

const roleTexts = {
  '': 'the same as its owner',
  ...Object.fromEntries(spaceRoles.map((role) => [role, `${role} at most`])),
};

/** Fields to which a token is narrowed: role, spaces and charts. */
export function BoundsFields({ hasSpaces = true }: { hasSpaces?: boolean }) {
  return (
    <>
      <SelectField label="May do" name="role" options={roleTexts} />
      {hasSpaces ? (
        <TextField label="Only in spaces" name="spaces" hint="Names with commas. Empty is all spaces." />
      ) : null}
      <TextField
        label="Only for charts"
        name="charts"
        hint="Names or globs with commas, such as web*. Empty is all charts. With names, spaces that are not public have no index and no lists: helm repo add fails, helm pull oci:// and helm push work."
      />
    </>
  );
}

/** Reads the bounds that are typed; absent ones do not narrow. */
export function readBounds(fields: FormData): Pick<NewToken, 'role' | 'spaces' | 'charts'> {
  const role = readKnownWord(spaceRoles, readText(fields, 'role'));
  const [spaces, charts] = [readItems(fields, 'spaces'), readItems(fields, 'charts')];
  return {
    ...(role && { role }),
    ...(spaces.length > 0 && { spaces }),
    ...(charts.length > 0 && { charts }),
  };
}
