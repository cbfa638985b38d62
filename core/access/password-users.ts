import type { Queryable } from '../db/port.ts';
import { type BatchedCall, batchCalls } from '../runtime/batch-calls.ts';

/** User that may log in with a password. */
export interface PasswordUser {
  id: string;
  name: string;
  /** Argon2id hash of the password. */
  stored: string;
}

/** Finds users by their names; undefined for one that is unknown, disabled or has no password. */
export type FindPasswordUser = BatchedCall<string, PasswordUser | undefined>;

/** Names that share a query. */
const maxNamesPerQuery = 100;

/** Creates the search for users by name. Those that arrive together share a query, one network after another. */
export function createPasswordUserFinder(db: Queryable): FindPasswordUser {
  return batchCalls(
    async (names: string[]) => {
      const rows = await db.query<PasswordUser>(
        `SELECT id, name, password_hash AS stored FROM principals
          WHERE kind = 'user' AND space_id IS NULL AND name = ANY($1::text[])
            AND NOT disabled AND password_hash IS NOT NULL`,
        [names.filter(isStorableName)],
      );
      const users = new Map(rows.map((user) => [user.name, user]));
      return names.map((name) => users.get(name));
    },
    { max: maxNamesPerQuery },
  );
}

/**
 * Stores another hash of the same password, unless the stored one was replaced meanwhile.
 * @returns the hash that proves the password
 */
export async function replacePasswordHash(db: Queryable, user: PasswordUser, hash: string): Promise<string> {
  const replaced = await db.query(
    'UPDATE principals SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING 1',
    [user.id, user.stored, hash],
  );
  return replaced.length > 0 ? hash : user.stored;
}

/** Longest text that is looked up; no user has a longer name. */
const maxNameLength = 256;

/** Whether PostgreSQL can hold a text as a name. */
function isStorableName(name: string): boolean {
  return name.length <= maxNameLength && !name.includes('\0');
}
