import type { Queryable } from '../db/port.ts';
import type { Principal } from './principal.ts';
import { type ProofRow, proofColumnsSql, toProofs } from './proofs.ts';
import { createRevisionCache, type ReadAtRevision } from './revision-cache.ts';

/** Principal with the proofs that it has now: of its password, and of its trust rules. */
export interface ProvablePrincipal {
  principal: Principal;
  proofs: ReadonlySet<string>;
}

/** Finds users and service accounts by their ids; undefined for one that is gone or disabled. */
export type FindPrincipal = ReadAtRevision<ProvablePrincipal>;

/** Creates the reader of principals. */
export function createPrincipalReader(db: Queryable): FindPrincipal {
  return createRevisionCache(async (id) => {
    const [found] = await db.query<Principal & ProofRow>(
      `SELECT p.id, p.kind, coalesce(s.name || '/', '') || p.name AS name, ${proofColumnsSql}
         FROM principals p LEFT JOIN spaces s ON s.id = p.space_id
        WHERE p.id = $1 AND p.kind <> 'group' AND NOT p.disabled`,
      [id],
    );
    if (!found) return undefined;
    const { id: _, kind, name, ...row } = found;
    return { principal: { id, kind, name }, proofs: toProofs(row) };
  });
}
