import type { Queryable } from '../db/port.ts';
import type { Principal } from './principal.ts';
import { createRevisionCache, type ReadAtRevision } from './revision-cache.ts';

/** Finds users and service accounts by their ids; undefined for one that is gone or disabled. */
export type FindPrincipal = ReadAtRevision<Principal>;

/** Creates the reader of principals. */
export function createPrincipalReader(db: Queryable): FindPrincipal {
  return createRevisionCache(async (id) => {
    const [found] = await db.query<Principal>(
      `SELECT p.id, p.kind, coalesce(s.name || '/', '') || p.name AS name
         FROM principals p LEFT JOIN spaces s ON s.id = p.space_id
        WHERE p.id = $1 AND p.kind <> 'group' AND NOT p.disabled`,
      [id],
    );
    return found;
  });
}
