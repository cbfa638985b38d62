import type { Queryable } from '../db/port.ts';
import type { Grants } from './decide.ts';
import { createRevisionCache, type ReadAtRevision } from './revision-cache.ts';
import { higherRole, type RegistryRole, type SpaceRole } from './rights.ts';

/** Reads the grants of principals; undefined for one that is gone or disabled. */
export type ReadGrants = ReadAtRevision<Grants>;

/** Creates the reader of grants. */
export function createGrantReader(db: Queryable): ReadGrants {
  return createRevisionCache((id) => selectGrants(db, id));
}

interface GrantRow {
  registryRole: RegistryRole | null;
  spaceId: number | null;
  role: SpaceRole | null;
}

/** Reads the grants of a principal and its groups. @returns undefined for a principal that is gone or disabled */
export async function selectGrants(db: Queryable, principalId: string): Promise<Grants | undefined> {
  const rows = await db.query<GrantRow>(
    `WITH who AS (
       SELECT id, registry_role FROM principals WHERE id = $1 AND NOT disabled
     ), whole AS (
       SELECT id, registry_role FROM who
       UNION ALL
       SELECT g.id, g.registry_role FROM who
         JOIN group_members m ON m.user_id = who.id JOIN principals g ON g.id = m.group_id AND NOT g.disabled
     )
     SELECT w.registry_role AS "registryRole", m.space_id AS "spaceId", m.role
       FROM whole w LEFT JOIN space_members m ON m.principal_id = w.id`,
    [principalId],
  );
  if (rows.length === 0) return undefined;
  const spaceRoles = new Map<number, SpaceRole>();
  const registryRoles = new Set<RegistryRole>();
  for (const { registryRole, spaceId, role } of rows) {
    if (registryRole !== null) registryRoles.add(registryRole);
    if (spaceId === null || role === null) continue;
    spaceRoles.set(spaceId, higherRole(role, spaceRoles.get(spaceId)) ?? role);
  }
  return { registryRoles: [...registryRoles], spaceRoles };
}
