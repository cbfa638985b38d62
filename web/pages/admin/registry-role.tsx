import type { RegistryRole } from '@helm-registry/client';
import { registryRoles } from '../../api/roles.ts';
import { SelectField } from '../../parts/form/fields.tsx';
import { readText } from '../../parts/form/read-fields.ts';
import { readKnownWord } from '../../parts/read-query.ts';

const registryRoleTexts = {
  '': 'none',
  creator: 'creator: creates spaces, and owns those',
  auditor: 'auditor: reads every space and the audit',
  admin: 'admin: everything',
};

/** Field for a role in the registry as a whole. */
export function RegistryRoleField({ current }: { current: RegistryRole | null }) {
  return (
    <SelectField label="Role in the registry" name="role" value={current ?? ''} options={registryRoleTexts} />
  );
}

/** Reads the role of a form; null for none. */
export function readRegistryRole(fields: FormData): RegistryRole | null {
  return readKnownWord(registryRoles, readText(fields, 'role')) ?? null;
}
