import type { Transaction } from '../../db/port.ts';
import type { RegistryRight, SpaceRight } from '../rights.ts';
import type { AdminDeps } from './admin.ts';
import { principalNameSql } from './names.ts';
import { recordTokenChange } from './record-token-change.ts';

/**
 * Locks a token, so that nobody revokes it or gives it an earlier end meanwhile. Call it where a token that it makes or
 * has made is added or rotated, and before that one is locked, as revoking does.
 * @returns its end; null for one that has ended
 */
export async function lockMaker(tx: Transaction, id: string): Promise<Date | null> {
  const [maker] = await tx.query<{ expiresAt: Date }>(
    `SELECT expires_at AS "expiresAt" FROM tokens
      WHERE id = $1 AND revoked_at IS NULL AND expires_at > now() FOR SHARE`,
    [id],
  );
  return maker?.expiresAt ?? null;
}

/**
 * Goes from tokens down to all that were made with them, in rounds. Who makes a token holds the row of the one that makes
 * it, so a round that finds none leaves none.
 * @param changeMadeWith changes the live tokens that were made with those of the round before
 */
async function changeMade(
  ids: readonly string[],
  changeMadeWith: (makers: readonly string[]) => Promise<readonly { id: string }[]>,
): Promise<string[]> {
  const changed: string[] = [];
  for (let last = ids; last.length > 0; ) {
    last = (await changeMadeWith(last)).map(({ id }) => id);
    changed.push(...last);
  }
  return changed;
}

/** Revokes all that was made with tokens, whose rows are locked. @returns the ids of what was not revoked before */
function revokeMade(tx: Transaction, ids: readonly string[]): Promise<string[]> {
  return changeMade(ids, (makers) =>
    tx.query<{ id: string }>(
      'UPDATE tokens SET revoked_at = now() WHERE made_with = ANY($1) AND revoked_at IS NULL RETURNING id',
      [makers],
    ),
  );
}

/** Revokes a token and all that was made with it. @returns the number of the others that were not revoked before */
export async function revokeWithMade(tx: Transaction, id: string): Promise<number> {
  await tx.query('UPDATE tokens SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL', [id]);
  return (await revokeMade(tx, [id])).length;
}

/**
 * Moves the ends of all that was made with a token. They end with its new end at the latest.
 * @param end its new end; the row of the token is locked
 * @returns the number of tokens that end earlier now
 */
export async function endMadeBy(tx: Transaction, id: string, end: Date): Promise<number> {
  let earlier = 0;
  await changeMade([id], async (makers) => {
    // The statement also writes tokens that end early enough. Their row locks hold back who makes another with them.
    const made = await tx.query<{ id: string; isEarlier: boolean }>(
      `UPDATE tokens SET expires_at = least(expires_at, $2) WHERE made_with = ANY($1) AND revoked_at IS NULL
       RETURNING id, expires_at = $2 AS "isEarlier"`,
      [makers, end],
    );
    earlier += made.filter(({ isEarlier }) => isEarlier).length;
    return made;
  });
  return earlier;
}

/**
 * Revokes the tokens of a principal and all that was made with them. Call it before the principal is deleted. The audit
 * has one event for each live one of another owner. Those are detached from their makers, and so stay in the lists of
 * their owners.
 * @param maker locked principal, and the right by which it is deleted
 */
export async function revokeMadeForOthers(
  tx: Transaction,
  deps: Pick<AdminDeps, 'actor'>,
  maker: { id: string; right: SpaceRight | RegistryRight },
): Promise<void> {
  // From the first of its own down, as revoking goes: two that meet on the way would wait for each other.
  const first = await tx.query<{ id: string }>(
    `UPDATE tokens t SET revoked_at = now()
      WHERE principal_id = $1 AND revoked_at IS NULL
        AND NOT EXISTS (SELECT FROM tokens m WHERE m.id = t.made_with AND m.principal_id = $1)
     RETURNING id`,
    [maker.id],
  );
  const made = await revokeMade(
    tx,
    first.map(({ id }) => id),
  );
  const ended = await tx.query<{ id: string; name: string; owner: string; space: string | null }>(
    `SELECT t.id, t.name, ${principalNameSql('p', 's')} AS owner, s.name AS space
       FROM tokens t JOIN principals p ON p.id = t.principal_id LEFT JOIN spaces s ON s.id = p.space_id
      WHERE t.id = ANY($1) AND t.principal_id <> $2 AND t.expires_at > now()
      ORDER BY t.created_at, t.id`,
    [made, maker.id],
  );
  await tx.query(
    `UPDATE tokens t SET made_with = NULL FROM tokens m
      WHERE m.principal_id = $1 AND t.made_with = m.id AND t.principal_id <> $1`,
    [maker.id],
  );
  for (const token of ended)
    await recordTokenChange(tx, deps, { ...token, right: maker.right }, { action: 'token.revoke' });
}
