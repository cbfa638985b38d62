import { changeUser, createUser, deleteUser, listUsers } from '../../core/access/admin/users.ts';
import type { RegistryRole } from '../../core/access/rights.ts';
import { readPassword } from './read-password.ts';
import { type AccessOptions, print, printTable, unlimitedPaging, withAccess } from './with-access.ts';

/** Options of `user add`. */
export interface AddUserOptions extends AccessOptions {
  admin?: boolean;
  role?: RegistryRole;
  /** False for a user without a password, who acts by tokens alone. */
  password: boolean;
}

/** Runs `helm-registry user add`. */
export async function runUserAdd(name: string, options: AddUserOptions): Promise<void> {
  // Read the password first, so that a missing one is found before a database is started.
  const password = options.password ? await readPassword() : undefined;
  const role = options.admin === true ? 'admin' : options.role;
  await withAccess('user add', options, async (deps) => {
    const user = await createUser(deps, { name, role, password });
    print(`added user ${user.name}${user.role === null ? '' : `, ${user.role} of the registry`}`);
  });
}

/** Runs `helm-registry user list`. */
export function runUserList(options: AccessOptions): Promise<void> {
  return withAccess('user list', options, async (deps) => {
    const { items } = await listUsers(deps, unlimitedPaging);
    printTable(
      ['NAME', 'ROLE', 'LOG-IN', 'STATE'],
      items.map(({ name, role, login, disabled }) => [name, role, login, disabled ? 'disabled' : 'enabled']),
    );
  });
}

/** Runs `helm-registry user password`. */
export async function runUserPassword(name: string, options: AccessOptions): Promise<void> {
  const password = await readPassword();
  await withAccess('user password', options, async (deps) => {
    await changeUser(deps, name, { password });
    print(`changed the password of ${name}, and ended its browser sessions`);
  });
}

/** Runs `helm-registry user role`. */
export function runUserRole(
  name: string,
  role: RegistryRole | 'none',
  options: AccessOptions,
): Promise<void> {
  return withAccess('user role', options, async (deps) => {
    await changeUser(deps, name, { role: role === 'none' ? null : role });
    print(
      role === 'none' ? `${name} has no role in the registry now` : `${name} is ${role} of the registry now`,
    );
  });
}

/** Runs `helm-registry user enable` and `user disable`. */
export function runUserDisable(name: string, disabled: boolean, options: AccessOptions): Promise<void> {
  return withAccess(disabled ? 'user disable' : 'user enable', options, async (deps) => {
    await changeUser(deps, name, { disabled });
    print(`${disabled ? 'disabled' : 'enabled'} ${name}`);
  });
}

/** Runs `helm-registry user delete`. */
export function runUserDelete(name: string, options: AccessOptions): Promise<void> {
  return withAccess('user delete', options, async (deps) => {
    await deleteUser(deps, name);
    print(`deleted ${name}, with its tokens and roles`);
  });
}
