import type { SpaceRole } from '@helm-registry/client';
import { SelectField } from '../../parts/form/fields.tsx';

const texts: Readonly<Record<SpaceRole, string>> = {
  reader: 'reader: reads charts and jobs',
  publisher: 'publisher: also adds versions and composes',
  maintainer: 'maintainer: also replaces, deletes, has webhooks',
  owner: 'owner: also has members, accounts and settings',
};

/** Field for a role in a space; each has all rights of those before it. */
export function RoleField({ current }: { current: SpaceRole }) {
  return <SelectField label="Role" name="role" value={current} options={texts} />;
}
