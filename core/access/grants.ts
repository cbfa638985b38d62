import type { Queryable } from '../db/port.ts';
import type { Grants } from './decide.ts';
import type { Principal } from './principal.ts';
import { createRevisionCache, type ReadAtRevision } from './revision-cache.ts';
import { higherRole, type RegistryRole, type SpaceRole } from './rights.ts';

/** Reads the grants of principals; undefined for one that is gone or disabled. */
export type ReadGrants = ReadAtRevision<Grants>;

/** Creates the reader of grants. */
export function createGrantReader(db: Queryable): ReadGrants {
  return createRevisionCache((id) => selectGrants(db, id));
}

interface GrantRow {
  who: string;
  kind: Principal['kind'];
  name: string;
  registryRole: RegistryRole | null;
  spaceId: number | null;
  role: SpaceRole | null;
}

/** Reads the grants of a principal and its groups. @returns undefined for a principal that is gone or disabled */
export async function selectGrants(db: Queryable, principalId: string): Promise<Grants | undefined> {
  return (await selectPrincipalsWithGrants(db, [principalId])).get(principalId)?.grants;
}

/** Reads principals with the grants of each and of its groups. Those that are gone or disabled are left out. */
export async function selectPrincipalsWithGrants(
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, { principal: Principal; grants: Grants }>> {
  const rows = await db.query<GrantRow>(
    `WITH who AS (
       SELECT p.id, p.kind, coalesce(s.name || '/', '') || p.name AS name, p.registry_role
         FROM principals p LEFT JOIN spaces s ON s.id = p.space_id
        WHERE p.id = ANY((SELECT $1::uuid[])::uuid[]) AND p.kind <> 'group' AND NOT p.disabled
     ), whole AS (
       SELECT id AS who, kind, name, id, registry_role FROM who
       UNION ALL
       SELECT who.id, who.kind, who.name, g.id, g.registry_role FROM who
         JOIN group_members m ON m.user_id = who.id JOIN principals g ON g.id = m.group_id AND NOT g.disabled
     )
     SELECT w.who, w.kind, w.name, w.registry_role AS "registryRole", m.space_id AS "spaceId", m.role
       FROM whole w LEFT JOIN space_members m ON m.principal_id = w.id`,
    [ids],
  );
  const rowsOf = new Map<string, GrantRow[]>();
  for (const row of rows) {
    const own = rowsOf.get(row.who) ?? [];
    own.push(row);
    rowsOf.set(row.who, own);
  }
  return new Map(
    [...rowsOf].flatMap(([id, own]) => {
      const [first] = own;
      return first
        ? [[id, { principal: { id, kind: first.kind, name: first.name }, grants: toGrants(own) }] as const]
        : [];
    }),
  );
}

function toGrants(rows: readonly GrantRow[]): Grants {
  const spaceRoles = new Map<number, SpaceRole>();
  const registryRoles = new Set<RegistryRole>();
  for (const { registryRole, spaceId, role } of rows) {
    if (registryRole !== null) registryRoles.add(registryRole);
    if (spaceId === null || role === null) continue;
    spaceRoles.set(spaceId, higherRole(role, spaceRoles.get(spaceId)) ?? role);
  }
  return { registryRoles: [...registryRoles], spaceRoles };
}
