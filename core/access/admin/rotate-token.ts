import type { Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import { makeToken } from '../tokens.ts';
import { type AdminDeps, isInteractive } from './admin.ts';
import { endMadeBy, lockMaker } from './made-tokens.ts';
import { recordTokenChange } from './record-token-change.ts';
import { tokenTooWideError } from './token-bounds.ts';
import { confirmTokenManager, findManagedToken } from './token-owner.ts';
import { expiryNoticeDays } from './token-rows.ts';
import { readTokenView, readVisibleToken, type ShownToken, tokenNotFound } from './token-view.ts';
import { resolveLifetimeDays, type TokenPolicy } from './tokens.ts';

/** Hours for which the secret before a rotation is accepted, by default and at most. */
const defaultOverlapHours = 24;
const maxOverlapHours = 30 * 24;

/** Options of a rotation. */
export interface RotationOptions {
  expiresInDays?: number | undefined;
  /** Hours for which the secret before is still accepted; 0 ends it at once. Default 24. */
  overlapHours?: number | undefined;
}

/**
 * Gives a token a new secret and a new end. The secret before is accepted for a while, so that it can be replaced where
 * it is used. While it is, a rotation with an overlap is refused, for it would end a secret that may still be in use.
 * A token that rotates itself, or one that it has made, keeps the end: a stolen one cannot live for ever. Also rotated
 * by a person, a token that was made with another one ends with that at the latest. What the token has made ends with the
 * new end at the latest; nothing else of it ends, which revoking does.
 * @throws {RegistryError} as `findManagedToken`; `request.invalid`, `access.denied`, `token.final`, `token.rotated`
 */
export async function rotateToken(
  deps: AdminDeps & { policy: TokenPolicy },
  id: string,
  { expiresInDays, overlapHours = defaultOverlapHours }: RotationOptions,
): Promise<ShownToken> {
  const managed = await findManagedToken(deps, id);
  if (!managed.mayRotate) {
    throw new RegistryError(
      'access.denied',
      'You may revoke this token but not rotate it: only its owner may get its secret, or who manages its service account, with a password or in the browser.',
    );
  }
  if (!(overlapHours >= 0 && overlapHours <= maxOverlapHours)) {
    throw new RegistryError(
      'request.invalid',
      `overlapHours must be a number from 0 to ${maxOverlapHours}.`,
      {
        pointer: '/overlapHours',
      },
    );
  }
  const days = resolveLifetimeDays(expiresInDays, deps.policy);
  const caller = await deps.actor.caller();
  const keepsEnd = caller.kind !== 'system' && !isInteractive(caller);
  if (keepsEnd && expiresInDays !== undefined) throw tokenTooWideError('expiresInDays');
  // Read before the secret is stored: a failure afterwards would lose the new secret.
  const visible = await readVisibleToken(deps, managed);
  const { text, hash } = makeToken(managed.id);
  return deps.db.transaction(async (tx) => {
    const bound = keepsEnd ? undefined : await lockBound(tx, managed);
    await lockRotatableToken(tx, managed.id, overlapHours);
    await confirmTokenManager(tx, deps, managed);
    if (bound && expiresInDays !== undefined) await assertEndsBefore(tx, bound, expiresInDays);
    await tx.query(
      `UPDATE tokens SET secret_hash = $2,
              previous_hash = CASE WHEN $3::float8 > 0 THEN secret_hash END,
              previous_until = CASE WHEN $3::float8 > 0 THEN now() + $3::float8 * interval '1 hour' END,
              expires_at = CASE WHEN $4 THEN expires_at ELSE ${newEndSql} END,
              announced_end = CASE WHEN NOT $4 AND ${newEndSql} <= now() + $7 * interval '1 day' THEN ${newEndSql}
                ELSE announced_end END
        WHERE id = $1`,
      // An end that is near already is not announced: the caller that rotates the token sees it.
      [managed.id, hash, overlapHours, keepsEnd, days, bound ?? null, expiryNoticeDays],
    );
    const rotated = await readTokenView(tx, managed.id);
    const others = keepsEnd ? 0 : await endMadeBy(tx, managed.id, rotated.expiresAt);
    await recordTokenChange(tx, deps, managed, {
      action: 'token.rotate',
      expiresAt: rotated.expiresAt.toISOString(),
      ...(others === 0 ? {} : { others }),
    });
    return { token: text, ...rotated, spaces: visible.spaces };
  });
}

/** SQL of the end of a rotated token: after its days, and no later than its bound. */
const newEndSql = "least(now() + $5 * interval '1 day', $6::timestamptz)";

/**
 * Locks the token that a token was made with.
 * @returns its end, by which the token ends too; undefined for a token that was made with none
 */
async function lockBound(
  tx: Transaction,
  { madeWith }: { madeWith: string | null },
): Promise<Date | undefined> {
  if (madeWith === null) return undefined;
  const end = await lockMaker(tx, madeWith);
  if (end) return end;
  throw new RegistryError(
    'token.final',
    'The token that this one was made with has ended, and this one ends with it. Make a new one.',
  );
}

async function assertEndsBefore(tx: Transaction, bound: Date, days: number): Promise<void> {
  const later = await tx.query("SELECT 1 WHERE now() + $1 * interval '1 day' > $2::timestamptz", [
    days,
    bound,
  ]);
  if (later.length === 0) return;
  throw new RegistryError(
    'access.denied',
    `expiresInDays: this token was made with another one, and ends with that at ${bound.toISOString()} at the latest. Ask for fewer days or for none, or make a new token with a password or in the browser.`,
    { pointer: '/expiresInDays' },
  );
}

/** Locks a token and checks that it may be rotated. */
async function lockRotatableToken(tx: Transaction, id: string, overlapHours: number): Promise<void> {
  const [row] = await tx.query<{ ended: boolean; overlaps: boolean }>(
    `SELECT revoked_at IS NOT NULL OR expires_at <= now() AS ended, coalesce(previous_until > now(), false) AS overlaps
       FROM tokens WHERE id = $1 FOR NO KEY UPDATE`,
    [id],
  );
  if (!row) throw tokenNotFound();
  if (row.ended)
    throw new RegistryError('token.final', 'This token is revoked or has expired. Make a new one.');
  if (row.overlaps && overlapHours > 0) {
    throw new RegistryError(
      'token.rotated',
      'This token was rotated a short time ago, and its secret before is still accepted. Wait until it is not, or end both older secrets at once with overlapHours 0.',
    );
  }
}
