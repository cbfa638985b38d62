import { recordAudit } from '../../audit/record.ts';
import type { Queryable, Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import type { Page, Paging } from '../../registry/registry.ts';
import { assertNewPassword } from '../password-rules.ts';
import { hashPassword } from '../passwords.ts';
import type { RegistryRole } from '../rights.ts';
import { type AdminDeps, assertAccessGuarded, type ListQuery, readPage } from './admin.ts';
import { assertAdminLeft, lockAdmins } from './last-admin.ts';
import { revokeMadeForOthers } from './made-tokens.ts';
import { checkPrincipalName, principalNotFound } from './names.ts';
import { deletePrincipal, insertPrincipal, lockPrincipal, type PrincipalRow } from './principal-rows.ts';

/** User as admins see it. */
export interface User {
  name: string;
  /** Role in the registry. */
  role: RegistryRole | null;
  disabled: boolean;
  /** Log-in of the user: by a password here, by a provider, or none but its tokens. */
  login: 'password' | 'provider' | 'none';
  /** Provider that it logs in at. */
  issuer: string | null;
  createdAt: Date;
}

const usersQuery: ListQuery = {
  columns: `name, registry_role AS role, disabled, issuer, created_at AS "createdAt",
    CASE WHEN issuer IS NOT NULL THEN 'provider' WHEN password_hash IS NOT NULL THEN 'password' ELSE 'none' END AS login`,
  from: "principals WHERE kind = 'user' AND space_id IS NULL",
  order: 'name',
};

/** Checks that the actor may administer users. @throws {RegistryError} `access.open` and those of a missing right */
async function requireUserManager({ actor }: AdminDeps): Promise<void> {
  await assertAccessGuarded(actor);
  await actor.requireInRegistry('principal.manage');
}

/** Lists all users by name. */
export async function listUsers(deps: AdminDeps, paging: Paging): Promise<Page<User>> {
  await requireUserManager(deps);
  return readPage(deps.db, usersQuery, [], paging);
}

/** Reads a user. @throws {RegistryError} `principal.notFound` */
export async function readUser(deps: AdminDeps, name: string): Promise<User> {
  await requireUserManager(deps);
  return selectUser(deps.db, name);
}

/** Reads a user without a check of rights. An admin may have ended the own role a moment ago. */
async function selectUser(db: Queryable, name: string): Promise<User> {
  const { columns, from } = usersQuery;
  const [user] = name.includes('\0')
    ? []
    : await db.query<User>(`SELECT ${columns} FROM ${from} AND name = $1`, [name]);
  if (!user) throw principalNotFound({ kind: 'user', name });
  return user;
}

/** Local user to be created. */
export interface NewUser {
  name: string;
  /** Without one the user can act by tokens only. */
  password?: string | undefined;
  role?: RegistryRole | null | undefined;
}

/** Creates a local user. @throws {RegistryError} `name.invalid`, `request.invalid` for a poor password, `principal.exists` */
export async function createUser(deps: AdminDeps, { name, password, role }: NewUser): Promise<User> {
  await requireUserManager(deps);
  checkPrincipalName({ kind: 'user', name });
  const passwordHash = password === undefined ? undefined : await hashNewPassword(password, name);
  await deps.db.transaction(async (tx) => {
    await insertPrincipal(tx, { kind: 'user', name, role, passwordHash });
    await deps.actor.confirmInRegistry(tx, 'principal.manage');
    await recordAudit(tx, deps.actor, {
      action: 'user.create',
      right: 'principal.manage',
      details: { user: name, role: role ?? null },
    });
  });
  return selectUser(deps.db, name);
}

/** Changes of a user; what is absent stays. */
export interface UserChange {
  role?: RegistryRole | null | undefined;
  disabled?: boolean | undefined;
  /** New password of a local user; null takes it away. All that was begun with the former one ends; tokens stay. */
  password?: string | null | undefined;
}

/**
 * Changes a user.
 * @throws {RegistryError} `principal.notFound`, `principal.lastAdmin`; `request.invalid` for a poor password, and for
 *   one of a user that logs in at a provider
 */
export async function changeUser(deps: AdminDeps, name: string, change: UserChange): Promise<User> {
  await requireUserManager(deps);
  const { password } = change;
  const passwordHash = typeof password === 'string' ? await hashNewPassword(password, name) : password;
  await deps.db.transaction(async (tx) => {
    await lockAdmins(tx);
    const before = await lockPrincipal(tx, { kind: 'user', name });
    await deps.actor.confirmInRegistry(tx, 'principal.manage');
    await writeRoleAndDisabled(tx, before, change);
    if (passwordHash !== undefined) await writePasswordHash(tx, before, passwordHash);
    await recordAudit(tx, deps.actor, {
      action: 'user.change',
      right: 'principal.manage',
      details: {
        user: name,
        role: change.role,
        disabled: change.disabled,
        password: passwordHash === undefined ? undefined : 'changed',
      },
    });
  });
  return selectUser(deps.db, name);
}

async function writeRoleAndDisabled(
  tx: Transaction,
  before: PrincipalRow,
  { role = before.role, disabled = before.disabled }: UserChange,
): Promise<void> {
  if (role === before.role && disabled === before.disabled) return;
  await tx.query('UPDATE principals SET registry_role = $2, disabled = $3 WHERE id = $1', [
    before.id,
    role,
    disabled,
  ]);
  const wasAdmin = before.role === 'admin' && !before.disabled;
  if (wasAdmin && (role !== 'admin' || disabled)) await assertAdminLeft(tx);
}

/**
 * Stores the hash of a password. What was begun with the former one ends: sessions and approved log-ins of commands
 * here, jobs and follows by its proof. Call it after the lock of the user, which those who approve and collect take
 * too.
 */
export async function writePasswordHash(
  tx: Transaction,
  { id, issuer }: Pick<PrincipalRow, 'id' | 'issuer'>,
  passwordHash: string | null,
): Promise<void> {
  if (issuer !== null && passwordHash !== null) {
    throw new RegistryError(
      'request.invalid',
      'This user logs in at a provider, so it has no password here. Change the password there.',
      { pointer: '/password' },
    );
  }
  await tx.query(
    'UPDATE principals SET password_hash = $2, password_proof = NULL, password_proof_of = NULL WHERE id = $1',
    [id, passwordHash],
  );
  await tx.query('DELETE FROM sessions WHERE principal_id = $1', [id]);
  await tx.query('DELETE FROM device_logins WHERE principal_id = $1', [id]);
}

/**
 * Deletes a user, with its tokens, sessions and roles. What its tokens have made ends too, each with an event. Its name
 * stays with versions, jobs and audit events. A later user of the same name is another user, and has no right of this
 * one.
 * @throws {RegistryError} `principal.notFound`, `principal.lastAdmin`
 */
export async function deleteUser(deps: AdminDeps, name: string): Promise<void> {
  await requireUserManager(deps);
  await deps.db.transaction(async (tx) => {
    await lockAdmins(tx);
    const { id, role, disabled } = await lockPrincipal(tx, { kind: 'user', name });
    await deps.actor.confirmInRegistry(tx, 'principal.manage');
    await revokeMadeForOthers(tx, deps, { id, right: 'principal.manage' });
    await deletePrincipal(tx, { kind: 'user', name });
    if (role === 'admin' && !disabled) await assertAdminLeft(tx);
    await recordAudit(tx, deps.actor, {
      action: 'user.delete',
      right: 'principal.manage',
      details: { user: name },
    });
  });
}

/** Checks and hashes a new password. @throws {RegistryError} `request.invalid` */
export async function hashNewPassword(password: string, name: string): Promise<string> {
  assertNewPassword(password, name);
  return hashPassword(password);
}
