import { listMembers, removeMember, setMember } from '../../core/access/admin/members.ts';
import { parsePrincipalName } from '../../core/access/admin/names.ts';
import type { SpaceRole } from '../../core/access/rights.ts';
import { type AccessOptions, print, printTable, unlimitedPaging, withAccess } from './with-access.ts';

/** Runs `helm-registry space members`. */
export function runSpaceMembers(space: string, options: AccessOptions): Promise<void> {
  return withAccess('space members', options, async (deps) => {
    const { items } = await listMembers(deps, space, unlimitedPaging);
    printTable(
      ['PRINCIPAL', 'ROLE'],
      items.map(({ principal, role }) => [principal, role]),
    );
  });
}

/** Runs `helm-registry space grant`. */
export function runSpaceGrant(
  space: string,
  principal: string,
  role: SpaceRole,
  options: AccessOptions,
): Promise<void> {
  return withAccess('space grant', options, async (deps) => {
    const member = await setMember(deps, space, parsePrincipalName(principal), role);
    print(`${member.principal} is ${member.role} of ${space} now`);
  });
}

/** Runs `helm-registry space revoke`. */
export function runSpaceRevoke(space: string, principal: string, options: AccessOptions): Promise<void> {
  return withAccess('space revoke', options, async (deps) => {
    await removeMember(deps, space, parsePrincipalName(principal));
    print(`${principal} no longer has a role of its own in ${space}`);
  });
}
