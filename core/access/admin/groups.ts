import { recordAudit } from '../../audit/record.ts';
import type { Queryable } from '../../db/port.ts';
import type { Page, Paging } from '../../registry/registry.ts';
import type { RegistryRole } from '../rights.ts';
import { type AdminDeps, assertAccessGuarded, type ListQuery, readPage } from './admin.ts';
import { checkPrincipalName, principalNotFound } from './names.ts';
import { deletePrincipal, findPrincipal, insertPrincipal, lockPrincipal } from './principal-rows.ts';

/** Group as admins see it. Users come into it by an admin, or by a claim of their provider with its name. */
export interface Group {
  name: string;
  /** Role in the registry that its members have. */
  role: RegistryRole | null;
  members: number;
  createdAt: Date;
}

/** Member of a group. */
export interface GroupMember {
  user: string;
  /** Whether a claim of the provider says so, which may end it with the next log-in. */
  fromClaim: boolean;
}

const groupsQuery: ListQuery = {
  columns: `name, registry_role AS role, created_at AS "createdAt",
    (SELECT count(*) FROM group_members m WHERE m.group_id = principals.id) AS members`,
  from: "principals WHERE kind = 'group' AND space_id IS NULL",
  order: 'name',
};

async function requirePrincipalManager({ actor }: AdminDeps): Promise<void> {
  await assertAccessGuarded(actor);
  await actor.requireInRegistry('principal.manage');
}

/** Lists all groups by name. */
export async function listGroups(deps: AdminDeps, paging: Paging): Promise<Page<Group>> {
  await requirePrincipalManager(deps);
  return readPage(deps.db, groupsQuery, [], paging);
}

/** Reads a group. @throws {RegistryError} `principal.notFound` */
export async function readGroup(deps: AdminDeps, name: string): Promise<Group> {
  await requirePrincipalManager(deps);
  return selectGroup(deps.db, name);
}

/** Reads a group without a check of rights. An admin may have ended the own role by it a moment ago. */
async function selectGroup(db: Queryable, name: string): Promise<Group> {
  const { columns, from } = groupsQuery;
  const [group] = name.includes('\0')
    ? []
    : await db.query<Group>(`SELECT ${columns} FROM ${from} AND name = $1`, [name]);
  if (!group) throw principalNotFound({ kind: 'group', name });
  return group;
}

/** Creates a group. @throws {RegistryError} `name.invalid`, `principal.exists` */
export async function createGroup(
  deps: AdminDeps,
  { name, role }: { name: string; role?: RegistryRole | null | undefined },
): Promise<Group> {
  await requirePrincipalManager(deps);
  checkPrincipalName({ kind: 'group', name });
  await deps.db.transaction(async (tx) => {
    await insertPrincipal(tx, { kind: 'group', name, role });
    await deps.actor.confirmInRegistry(tx, 'principal.manage');
    await recordAudit(tx, deps.actor, {
      action: 'group.create',
      right: 'principal.manage',
      details: { group: name, role: role ?? null },
    });
  });
  return selectGroup(deps.db, name);
}

/** Sets the role of a group in the registry. @throws {RegistryError} `principal.notFound` */
export async function setGroupRole(deps: AdminDeps, name: string, role: RegistryRole | null): Promise<Group> {
  await requirePrincipalManager(deps);
  await deps.db.transaction(async (tx) => {
    const { id } = await lockPrincipal(tx, { kind: 'group', name });
    await deps.actor.confirmInRegistry(tx, 'principal.manage');
    await tx.query('UPDATE principals SET registry_role = $2 WHERE id = $1', [id, role]);
    await recordAudit(tx, deps.actor, {
      action: 'group.change',
      right: 'principal.manage',
      details: { group: name, role },
    });
  });
  return selectGroup(deps.db, name);
}

/** Deletes a group with its roles; its users stay. @throws {RegistryError} `principal.notFound` */
export async function deleteGroup(deps: AdminDeps, name: string): Promise<void> {
  await requirePrincipalManager(deps);
  await deps.db.transaction(async (tx) => {
    await lockPrincipal(tx, { kind: 'group', name });
    await deps.actor.confirmInRegistry(tx, 'principal.manage');
    await deletePrincipal(tx, { kind: 'group', name });
    await recordAudit(tx, deps.actor, {
      action: 'group.delete',
      right: 'principal.manage',
      details: { group: name },
    });
  });
}

/** Lists the members of a group by name. @throws {RegistryError} `principal.notFound` */
export async function listGroupMembers(
  deps: AdminDeps,
  name: string,
  paging: Paging,
): Promise<Page<GroupMember>> {
  await requirePrincipalManager(deps);
  const { id } = await findPrincipal(deps.db, { kind: 'group', name });
  const query: ListQuery = {
    columns: 'u.name AS "user", m.from_claim AS "fromClaim"',
    from: 'group_members m JOIN principals u ON u.id = m.user_id WHERE m.group_id = $1',
    order: 'u.name',
  };
  return readPage(deps.db, query, [id], paging);
}

/**
 * Makes a user a member of a group. Where a claim did, it stays: the next log-in does not end it.
 * @throws {RegistryError} `principal.notFound`
 */
export async function addGroupMember(deps: AdminDeps, group: string, user: string): Promise<GroupMember> {
  await requirePrincipalManager(deps);
  await deps.db.transaction(async (tx) => {
    const { id: groupId } = await lockPrincipal(tx, { kind: 'group', name: group });
    const { id: userId } = await lockPrincipal(tx, { kind: 'user', name: user });
    await deps.actor.confirmInRegistry(tx, 'principal.manage');
    await tx.query(
      `INSERT INTO group_members (group_id, user_id) VALUES ($1, $2)
       ON CONFLICT (group_id, user_id) DO UPDATE SET from_claim = false`,
      [groupId, userId],
    );
    await recordAudit(tx, deps.actor, {
      action: 'group.change',
      right: 'principal.manage',
      details: { group, added: user },
    });
  });
  return { user, fromClaim: false };
}

/** Takes a user out of a group. @throws {RegistryError} `principal.notFound` for both, and for a user that is not in it */
export async function removeGroupMember(deps: AdminDeps, group: string, user: string): Promise<void> {
  await requirePrincipalManager(deps);
  await deps.db.transaction(async (tx) => {
    const { id: groupId } = await lockPrincipal(tx, { kind: 'group', name: group });
    const { id: userId } = await lockPrincipal(tx, { kind: 'user', name: user });
    await deps.actor.confirmInRegistry(tx, 'principal.manage');
    const removed = await tx.query(
      'DELETE FROM group_members WHERE group_id = $1 AND user_id = $2 RETURNING user_id',
      [groupId, userId],
    );
    if (removed.length === 0) throw principalNotFound({ kind: 'user', name: user });
    await recordAudit(tx, deps.actor, {
      action: 'group.change',
      right: 'principal.manage',
      details: { group, removed: user },
    });
  });
}
