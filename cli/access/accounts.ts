import {
  createAccount,
  deleteAccount,
  listAccounts,
  type PlacedRole,
} from '../../core/access/admin/accounts.ts';
import { type RegistryRole, registryRoles, type SpaceRole, spaceRoles } from '../../core/access/rights.ts';
import { StartError } from '../../core/runtime/startup-error.ts';
import { type AccessOptions, print, printTable, unlimitedPaging, withAccess } from './with-access.ts';

/** Runs `helm-registry account add`. */
export function runAccountAdd(text: string, options: AccessOptions & { role?: string }): Promise<void> {
  const ref = readAccount(text);
  const role = options.role === undefined ? undefined : parsePlacedRole(ref.space, options.role);
  return withAccess('account add', options, async (deps) => {
    const account = await createAccount(deps, ref, role);
    print(`added service account ${account.principal}${account.role === null ? '' : `, ${account.role}`}`);
  });
}

/** Runs `helm-registry account list`, for a space or for the registry. */
export function runAccountList(space: string | undefined, options: AccessOptions): Promise<void> {
  return withAccess('account list', options, async (deps) => {
    const { items } = await listAccounts(deps, space, unlimitedPaging);
    printTable(
      ['ACCOUNT', 'ROLE', 'STATE'],
      items.map(({ principal, role, disabled }) => [principal, role, disabled ? 'disabled' : 'enabled']),
    );
  });
}

/** Runs `helm-registry account delete`. */
export function runAccountDelete(text: string, options: AccessOptions): Promise<void> {
  return withAccess('account delete', options, async (deps) => {
    await deleteAccount(deps, readAccount(text));
    print(`deleted service account ${text}, with its tokens and trust rules`);
  });
}

/** Reads `NAME`, a service account of the registry, or `SPACE/NAME`. */
function readAccount(text: string): { space: string | undefined; name: string } {
  const slash = text.indexOf('/');
  return slash < 0
    ? { space: undefined, name: text }
    : { space: text.slice(0, slash), name: text.slice(slash + 1) };
}

function parsePlacedRole(space: string | undefined, text: string): PlacedRole {
  const inSpace: SpaceRole | undefined = spaceRoles.find((role) => role === text);
  const inRegistry: RegistryRole | undefined = registryRoles.find((role) => role === text);
  if (space !== undefined && inSpace) return { space: inSpace };
  if (space === undefined && inRegistry) return { registry: inRegistry };
  const roles = space === undefined ? registryRoles : spaceRoles;
  throw new StartError(`--role ${text}: expected one of ${roles.join(', ')}`);
}
