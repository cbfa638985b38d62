import type { Queryable } from '../db/port.ts';
import type { Principal } from './principal.ts';
import { proofOfPassword, proofOfRule } from './proofs.ts';
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
    const [found] = await db.query<Principal & { stored: string | null; rules: string[] }>(
      `SELECT p.id, p.kind, coalesce(s.name || '/', '') || p.name AS name, p.password_hash AS stored,
              ARRAY(SELECT r.id::text FROM trust_rules r WHERE r.account_id = p.id) AS rules
         FROM principals p LEFT JOIN spaces s ON s.id = p.space_id
        WHERE p.id = $1 AND p.kind <> 'group' AND NOT p.disabled`,
      [id],
    );
    if (!found) return undefined;
    const { stored, rules, ...principal } = found;
    const proofs = rules.map(proofOfRule).concat(stored === null ? [] : proofOfPassword(stored));
    return { principal, proofs: new Set(proofs) };
  });
}
