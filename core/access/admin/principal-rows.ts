import type { Queryable, Transaction } from '../../db/port.ts';
import type { RegistryRole } from '../rights.ts';
import { type PrincipalName, principalExists, principalNotFound } from './names.ts';

/** Row of a principal, for changes of it. */
export interface PrincipalRow {
  id: string;
  role: RegistryRole | null;
  disabled: boolean;
  issuer: string | null;
  passwordHash: string | null;
}

const principalColumnsSql = `id, registry_role AS role, disabled, issuer, password_hash AS "passwordHash"`;

/** Finds a principal. @param spaceId id of its space; null outside spaces @throws {RegistryError} `principal.notFound` */
export async function findPrincipal(
  db: Queryable,
  principal: PrincipalName,
  spaceId: number | null = null,
): Promise<PrincipalRow> {
  return selectPrincipal(db, principal, spaceId, '');
}

/**
 * Finds a principal and locks its row until the transaction ends. Changes of it come one after the other.
 * @throws {RegistryError} `principal.notFound`
 */
export async function lockPrincipal(
  tx: Transaction,
  principal: PrincipalName,
  spaceId: number | null = null,
): Promise<PrincipalRow> {
  return selectPrincipal(tx, principal, spaceId, 'FOR NO KEY UPDATE');
}

async function selectPrincipal(
  db: Queryable,
  principal: PrincipalName,
  spaceId: number | null,
  lock: string,
): Promise<PrincipalRow> {
  // PostgreSQL has no text with this character, and so no such name.
  if (principal.name.includes('\0')) throw principalNotFound(principal);
  const place = spaceId === null ? 'space_id IS NULL AND $3::bigint IS NULL' : 'space_id = $3';
  const [row] = await db.query<PrincipalRow>(
    `SELECT ${principalColumnsSql} FROM principals WHERE kind = $1 AND name = $2 AND ${place} ${lock}`,
    [principal.kind, principal.name, spaceId],
  );
  if (!row) throw principalNotFound(principal);
  return row;
}

/** Principal to be added. */
export interface NewPrincipal extends PrincipalName {
  spaceId?: number | null;
  role?: RegistryRole | null | undefined;
  passwordHash?: string | undefined;
}

/** Adds a principal. @returns its id @throws {RegistryError} `principal.exists` */
export async function insertPrincipal(tx: Transaction, principal: NewPrincipal): Promise<string> {
  const { kind, name, spaceId = null, role = null, passwordHash = null } = principal;
  const [created] = await tx.query<{ id: string }>(
    `INSERT INTO principals (kind, name, space_id, registry_role, password_hash) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING id`,
    [kind, name, spaceId, role, passwordHash],
  );
  if (!created) throw principalExists(principal);
  return created.id;
}

/** Deletes a principal with its tokens, sessions, roles and trust rules. @throws {RegistryError} `principal.notFound` */
export async function deletePrincipal(
  tx: Transaction,
  principal: PrincipalName,
  spaceId: number | null = null,
): Promise<void> {
  const { id } = await lockPrincipal(tx, principal, spaceId);
  await tx.query('DELETE FROM principals WHERE id = $1', [id]);
}
