import type { Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import type { TokenBounds } from './token-bounds.ts';

/** Largest number of live tokens of one owner, and days for which ended ones are listed. */
const maxLiveTokens = 200;
const endedTokenKeptDays = 90;

/**
 * Locks the owner of tokens, so that they are counted one after the other.
 * @returns undefined for one that is gone
 */
export async function lockTokenOwner(
  tx: Transaction,
  id: string,
): Promise<{ name: string; disabled: boolean } | undefined> {
  const [owner] = await tx.query<{ name: string; disabled: boolean }>(
    'SELECT name, disabled FROM principals WHERE id = $1 FOR NO KEY UPDATE',
    [id],
  );
  return owner;
}

/** Days before its end at which a token is announced as expiring; those that live no longer never are. */
export const expiryNoticeDays = 7;

/** Deletes tokens that ended long ago. Checks that there is room for one of this name. */
export async function purgeEndedAndCheckRoom(tx: Transaction, ownerId: string, name: string): Promise<void> {
  await tx.query(
    `DELETE FROM tokens
      WHERE principal_id = $1 AND least(revoked_at, expires_at) < now() - $2 * interval '1 day'`,
    [ownerId, endedTokenKeptDays],
  );
  const [found] = await tx.query<{ live: number; same: boolean | null }>(
    `SELECT count(*) AS live, bool_or(name = $2) AS same
       FROM tokens WHERE principal_id = $1 AND revoked_at IS NULL AND expires_at > now()`,
    [ownerId, name],
  );
  if (found?.same) {
    throw new RegistryError(
      'token.exists',
      `There is a live token ${name} already. Rotate or revoke it, or choose another name.`,
    );
  }
  if ((found?.live ?? 0) >= maxLiveTokens)
    throw new RegistryError(
      'token.tooMany',
      `There are ${maxLiveTokens} live tokens. Revoke some that are not used.`,
    );
}

/** Token as it is stored. */
export interface TokenRow {
  id: string;
  /** Hash of its secret. */
  hash: Buffer;
  name: string;
  principalId: string;
  days: number;
  /** Id of the token that makes it. */
  madeWith?: string | undefined;
  bounds: TokenBounds;
}

/** Inserts a token, which is good from the commit on. */
export async function insertToken(tx: Transaction, row: TokenRow): Promise<void> {
  const { role, spaceIds, charts } = row.bounds;
  await tx.query(
    `INSERT INTO tokens (id, principal_id, name, secret_hash, role, in_spaces, charts, made_with, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9 * interval '1 day')`,
    [
      row.id,
      row.principalId,
      row.name,
      row.hash,
      role,
      spaceIds !== null,
      charts,
      row.madeWith ?? null,
      row.days,
    ],
  );
  // A space that was deleted meanwhile is left out: then the token is good for the others.
  await tx.query(
    'INSERT INTO token_spaces (token_id, space_id) SELECT $1, id FROM spaces WHERE id = ANY($2) FOR KEY SHARE',
    [row.id, spaceIds ?? []],
  );
}
