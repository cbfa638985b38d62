import type { Queryable } from '../db/port.ts';
import { type BatchedCall, batchCalls } from '../runtime/batch-calls.ts';
import { digestOfHashSql, proofOfPassword, type StoredPassword, storedPasswordSql } from './proofs.ts';

/** User that may log in with a password. */
export interface PasswordUser extends StoredPassword {
  id: string;
  name: string;
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
        `SELECT p.id, p.name, ${storedPasswordSql} FROM principals p
          WHERE p.kind = 'user' AND p.space_id IS NULL AND p.name = ANY($1::text[])
            AND NOT p.disabled AND p.password_hash IS NOT NULL`,
        [names.filter(isStorableName)],
      );
      const users = new Map(rows.map((user) => [user.name, user]));
      return names.map((name) => users.get(name));
    },
    { max: maxNamesPerQuery },
  );
}

/**
 * Stores another hash of the same password, unless the stored one was replaced meanwhile. The proof of the password
 * stays.
 * @returns the hash that proves the password
 */
export async function replacePasswordHash(db: Queryable, user: PasswordUser, hash: string): Promise<string> {
  const replaced = await db.query(
    `UPDATE principals SET password_hash = $3, password_proof = $4, password_proof_of = ${digestOfHashSql('$3')}
      WHERE id = $1 AND password_hash = $2 RETURNING 1`,
    [user.id, user.stored, hash, proofOfPassword(user)],
  );
  return replaced.length > 0 ? hash : user.stored;
}

/** Longest text that is looked up; no user has a longer name. */
const maxNameLength = 256;

/** Whether PostgreSQL can hold a text as a name. */
function isStorableName(name: string): boolean {
  return name.length <= maxNameLength && !name.includes('\0');
}
