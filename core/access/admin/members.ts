import { recordAudit } from '../../audit/record.ts';
import type { Queryable, Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import type { Page, Paging } from '../../registry/registry.ts';
import { mayInRegistry } from '../decide.ts';
import type { SpaceRole } from '../rights.ts';
import { type AdminDeps, type ListQuery, readPage } from './admin.ts';
import { findSpaceWithRight } from './find-space-with-right.ts';
import { type PrincipalName, principalNameSql, principalNotFound, writePrincipalName } from './names.ts';
import { findPrincipal } from './principal-rows.ts';

/** Member of a space. */
export interface Member {
  /** Principal, as `writePrincipalName` writes it. */
  principal: string;
  role: SpaceRole;
  disabled: boolean;
}

/** Lists the members of a space, by kind and name. @throws {RegistryError} as `findSpaceWithRight` */
export async function listMembers(deps: AdminDeps, space: string, paging: Paging): Promise<Page<Member>> {
  const spaceId = await findSpaceWithRight(deps, 'member.manage', space);
  const query: ListQuery = {
    columns: `${principalNameSql('p', 's')} AS principal, m.role, p.disabled`,
    from: `space_members m JOIN principals p ON p.id = m.principal_id LEFT JOIN spaces s ON s.id = p.space_id
            WHERE m.space_id = $1`,
    order: 'p.kind, p.name, p.id',
  };
  return readPage(deps.db, query, [spaceId], paging);
}

/**
 * Makes a principal a member of a space, or gives a member another role. Owners name users and groups whom they cannot
 * list, so an owner learns whether somebody of exactly this name exists; nobody else does.
 * @throws {RegistryError} as `findSpaceWithRight`; `principal.notFound`, also for an account of another space;
 *   `member.lastOwner`
 */
export async function setMember(
  deps: AdminDeps,
  space: string,
  principal: PrincipalName,
  role: SpaceRole,
): Promise<Member> {
  const spaceId = await findSpaceWithRight(deps, 'member.manage', space);
  return deps.db.transaction(async (tx) => {
    await lockMembers(tx, spaceId);
    await deps.actor.confirm(tx, 'member.manage', { space, spaceId });
    const isAdmin = mayInRegistry(await deps.actor.subjectIn(tx), 'principal.manage');
    const { id, disabled } = await findEligiblePrincipal(tx, principal, { space, spaceId });
    const before = await findMemberRole(tx, spaceId, id);
    const set = await tx.query(
      `INSERT INTO space_members (space_id, principal_id, role)
       SELECT s.id, p.id, $3 FROM spaces s, principals p WHERE s.id = $1 AND p.id = $2
       ON CONFLICT (space_id, principal_id) DO UPDATE SET role = excluded.role RETURNING principal_id`,
      [spaceId, id, role],
    );
    if (set.length === 0) throw principalNotFound(principal);
    if (before === 'owner' && role !== 'owner' && !isAdmin) await assertOwnerLeft(tx, spaceId, space);
    const named = writePrincipalName(principal);
    await recordAudit(tx, deps.actor, {
      action: 'member.set',
      right: 'member.manage',
      space,
      details: { principal: named, role, before: before ?? null },
    });
    return { principal: named, role, disabled };
  });
}

/**
 * Takes the role of a member away. Tokens of the member end in this space with the next request.
 * @throws {RegistryError} as `findSpaceWithRight`; `member.notFound`, `member.lastOwner`
 */
export async function removeMember(deps: AdminDeps, space: string, principal: PrincipalName): Promise<void> {
  const spaceId = await findSpaceWithRight(deps, 'member.manage', space);
  await deps.db.transaction(async (tx) => {
    await lockMembers(tx, spaceId);
    await deps.actor.confirm(tx, 'member.manage', { space, spaceId });
    const isAdmin = mayInRegistry(await deps.actor.subjectIn(tx), 'principal.manage');
    const { id } = await findEligiblePrincipal(tx, principal, { space, spaceId });
    const [removed] = await tx.query<{ role: SpaceRole }>(
      'DELETE FROM space_members WHERE space_id = $1 AND principal_id = $2 RETURNING role',
      [spaceId, id],
    );
    const named = writePrincipalName(principal);
    if (!removed)
      throw new RegistryError('member.notFound', `${named} is not a member of space ${space} itself.`);
    if (removed.role === 'owner' && !isAdmin) await assertOwnerLeft(tx, spaceId, space);
    await recordAudit(tx, deps.actor, {
      action: 'member.remove',
      right: 'member.manage',
      space,
      details: { principal: named, before: removed.role },
    });
  });
}

/** Finds a principal that may be a member of the space. An account of another space belongs there alone. */
function findEligiblePrincipal(
  db: Queryable,
  principal: PrincipalName,
  { space, spaceId }: { space: string; spaceId: number },
) {
  if (principal.space === undefined) return findPrincipal(db, principal);
  if (principal.space !== space) throw principalNotFound(principal);
  return findPrincipal(db, principal, spaceId);
}

async function findMemberRole(db: Queryable, spaceId: number, id: string): Promise<SpaceRole | undefined> {
  const [row] = await db.query<{ role: SpaceRole }>(
    'SELECT role FROM space_members WHERE space_id = $1 AND principal_id = $2',
    [spaceId, id],
  );
  return row?.role;
}

/** Acquires the lock under which the members of a space change, until the transaction ends. */
async function lockMembers(tx: Transaction, spaceId: number): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('the members of space ' || $1::bigint, 0))", [
    spaceId,
  ]);
}

/**
 * Checks that a space still has an owner, at the end of a change under the lock. Without an owner nobody in the space
 * could add members, and its last owner might leave by mistake. Admins may end it: they own every space anyway, and
 * must be able to remove somebody who has left.
 * @throws {RegistryError} `member.lastOwner`
 */
async function assertOwnerLeft(tx: Transaction, spaceId: number, space: string): Promise<void> {
  const left = await tx.query(
    `SELECT 1 FROM space_members m JOIN principals p ON p.id = m.principal_id
      WHERE m.space_id = $1 AND m.role = 'owner' AND p.kind <> 'account' AND NOT p.disabled LIMIT 1`,
    [spaceId],
  );
  if (left.length > 0) return;
  throw new RegistryError(
    'member.lastOwner',
    `Space ${space} would have no owner. Make another user or group owner before, or ask an admin of the registry.`,
  );
}
