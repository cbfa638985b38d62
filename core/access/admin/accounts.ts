import { recordAudit } from '../../audit/record.ts';
import type { Queryable, Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import type { Page, Paging } from '../../registry/registry.ts';
import type { RegistryRole, SpaceRole } from '../rights.ts';
import { confirmAccountManager, type ManagedPlace, requireAccountManager } from './account-manager.ts';
import { type AdminDeps, type ListQuery, readPage } from './admin.ts';
import { revokeMadeForOthers } from './made-tokens.ts';
import { checkPrincipalName, type PrincipalName, principalNameSql, principalNotFound } from './names.ts';
import { deletePrincipal, insertPrincipal, lockPrincipal } from './principal-rows.ts';

/** Service account: of a space if it names one, else of the registry. */
export interface AccountRef {
  space?: string | undefined;
  name: string;
}

/** Role of a service account: in its space, or in the registry for one of the registry. */
export type AccountRole = SpaceRole | RegistryRole;

/** Service account as those who manage it see it. */
export interface Account {
  name: string;
  /** Name among the members of spaces: `account:SPACE/NAME`, or `account:NAME` for one of the registry. */
  principal: string;
  role: AccountRole | null;
  disabled: boolean;
  createdAt: Date;
}

const accountsQuery: ListQuery = {
  columns: `p.name, ${principalNameSql('p', 's')} AS principal, coalesce(m.role::text, p.registry_role::text) AS role,
    p.disabled, p.created_at AS "createdAt"`,
  from: `principals p LEFT JOIN spaces s ON s.id = p.space_id
    LEFT JOIN space_members m ON m.space_id = p.space_id AND m.principal_id = p.id
    WHERE p.kind = 'account' AND`,
  order: 'p.name',
};

function inManagedPlaceSql({ spaceId }: ManagedPlace): string {
  return spaceId === null ? 'p.space_id IS NULL AND $1::bigint IS NULL' : 'p.space_id = $1';
}

/** Lists the service accounts of a space, or of the registry, by name. @throws {RegistryError} as `requireAccountManager` */
export async function listAccounts(
  deps: AdminDeps,
  space: string | undefined,
  paging: Paging,
): Promise<Page<Account>> {
  const place = await requireAccountManager(deps, space);
  const query = { ...accountsQuery, from: `${accountsQuery.from} ${inManagedPlaceSql(place)}` };
  return readPage(deps.db, query, [place.spaceId], paging);
}

/** Reads a service account. @throws {RegistryError} as `requireAccountManager`; `principal.notFound` */
export async function readAccount(deps: AdminDeps, ref: AccountRef): Promise<Account> {
  return selectAccount(deps.db, ref, await requireAccountManager(deps, ref.space));
}

async function selectAccount(db: Queryable, ref: AccountRef, place: ManagedPlace): Promise<Account> {
  const [account] = ref.name.includes('\0')
    ? []
    : await db.query<Account>(
        `SELECT ${accountsQuery.columns} FROM ${accountsQuery.from} ${inManagedPlaceSql(place)} AND p.name = $2`,
        [place.spaceId, ref.name],
      );
  if (!account) throw principalNotFound(toPrincipalName(ref));
  return account;
}

function toPrincipalName({ space, name }: AccountRef): PrincipalName {
  return { kind: 'account', name, space };
}

/** Role of a service account where it belongs. The interface checks which roles that place has. */
export type PlacedRole = { space: SpaceRole | null } | { registry: RegistryRole | null };

/**
 * Creates a service account.
 * @param role its role in its space, or in the registry for one of the registry
 * @throws {RegistryError} as `requireAccountManager`; `name.invalid`, `principal.exists`
 */
export async function createAccount(deps: AdminDeps, ref: AccountRef, role?: PlacedRole): Promise<Account> {
  const place = await requireAccountManager(deps, ref.space);
  checkPrincipalName(toPrincipalName(ref));
  return deps.db.transaction(async (tx) => {
    await lockSpace(tx, place, ref);
    const id = await insertPrincipal(tx, { ...toPrincipalName(ref), spaceId: place.spaceId });
    await confirmAccountManager(tx, deps, place);
    if (role) await writePlacedRole(tx, id, place, role);
    await recordAccountChange(tx, deps, ref, place, {
      action: 'account.create',
      role: unwrapPlacedRole(role),
    });
    return selectAccount(tx, ref, place);
  });
}

/** Keeps the space until the transaction ends. @throws {RegistryError} `principal.notFound` when it is gone */
async function lockSpace(tx: Transaction, { spaceId }: ManagedPlace, ref: AccountRef): Promise<void> {
  if (spaceId === null) return;
  const found = await tx.query('SELECT id FROM spaces WHERE id = $1 FOR KEY SHARE', [spaceId]);
  if (found.length === 0) throw principalNotFound(toPrincipalName(ref));
}

/** Changes of a service account; what is absent stays. */
export interface AccountChange {
  role?: PlacedRole | undefined;
  disabled?: boolean | undefined;
}

/** Changes a service account. @throws {RegistryError} as `requireAccountManager`; `principal.notFound` */
export async function changeAccount(
  deps: AdminDeps,
  ref: AccountRef,
  { role, disabled }: AccountChange,
): Promise<Account> {
  const place = await requireAccountManager(deps, ref.space);
  return deps.db.transaction(async (tx) => {
    await lockSpace(tx, place, ref);
    const { id } = await lockPrincipal(tx, toPrincipalName(ref), place.spaceId);
    await confirmAccountManager(tx, deps, place);
    if (role) await writePlacedRole(tx, id, place, role);
    if (disabled !== undefined)
      await tx.query('UPDATE principals SET disabled = $2 WHERE id = $1', [id, disabled]);
    await recordAccountChange(tx, deps, ref, place, {
      action: 'account.change',
      role: unwrapPlacedRole(role),
      disabled,
    });
    return selectAccount(tx, ref, place);
  });
}

async function writePlacedRole(
  tx: Transaction,
  id: string,
  { spaceId }: ManagedPlace,
  role: PlacedRole,
): Promise<void> {
  if ('registry' in role !== (spaceId === null)) {
    throw new RegistryError(
      'request.invalid',
      'An account of a space has a role there, one of the registry has one in it.',
      {
        pointer: '/role',
      },
    );
  }
  if ('registry' in role) {
    await tx.query('UPDATE principals SET registry_role = $2 WHERE id = $1', [id, role.registry]);
  } else if (role.space === null) {
    await tx.query('DELETE FROM space_members WHERE space_id = $1 AND principal_id = $2', [spaceId, id]);
  } else {
    await tx.query(
      `INSERT INTO space_members (space_id, principal_id, role) VALUES ($1, $2, $3)
       ON CONFLICT (space_id, principal_id) DO UPDATE SET role = excluded.role`,
      [spaceId, id, role.space],
    );
  }
}

/**
 * Deletes a service account, with its tokens, roles and trust rules. What its tokens have made ends too, each with an
 * event.
 * @throws {RegistryError} as `requireAccountManager`; `principal.notFound`
 */
export async function deleteAccount(deps: AdminDeps, ref: AccountRef): Promise<void> {
  const place = await requireAccountManager(deps, ref.space);
  await deps.db.transaction(async (tx) => {
    const { id } = await lockPrincipal(tx, toPrincipalName(ref), place.spaceId);
    await confirmAccountManager(tx, deps, place);
    await revokeMadeForOthers(tx, deps, { id, right: place.right });
    await deletePrincipal(tx, toPrincipalName(ref), place.spaceId);
    await recordAccountChange(tx, deps, ref, place, { action: 'account.delete' });
  });
}

function unwrapPlacedRole(role: PlacedRole | undefined): AccountRole | null | undefined {
  return role && ('space' in role ? role.space : role.registry);
}

function recordAccountChange(
  tx: Transaction,
  { actor }: AdminDeps,
  { space, name }: AccountRef,
  { right }: ManagedPlace,
  {
    action,
    ...details
  }: {
    action: 'account.create' | 'account.change' | 'account.delete';
    role?: AccountRole | null | undefined;
    disabled?: boolean | undefined;
  },
): Promise<void> {
  return recordAudit(tx, actor, {
    action,
    right,
    ...(space === undefined ? {} : { space }),
    details: { account: name, ...details },
  });
}
