import { recordAudit } from '../../audit/record.ts';
import { RegistryError } from '../../errors.ts';
import { tooManyFailuresError } from '../login-limits.ts';
import type { CheckedPassword } from '../password-check.ts';
import { type AdminDeps, requireKnownCaller } from './admin.ts';
import { hashNewPassword, writePasswordHash } from './users.ts';

/** Password that a user has, and the one that it is to have. */
export interface PasswordChange {
  old: string;
  new: string;
}

/**
 * Changes the password of the caller, who must know the present one. A token or an open browser is not enough. All that
 * was begun with the former one ends; tokens stay.
 * @param check compares a password, and counts wrong ones
 * @throws {RegistryError} `access.unauthenticated`; `request.invalid` for a wrong or a poor password, and for callers
 *   without one; `access.tooManyFailures`
 */
export async function changeOwnPassword(
  { db, actor }: AdminDeps,
  { old, new: next }: PasswordChange,
  check: (name: string, password: string) => Promise<CheckedPassword>,
): Promise<void> {
  const { principal } = await requireKnownCaller(actor);
  const before = await findLocalPasswordHash({ db, actor }, principal.id);
  const checked = await check(principal.name, old);
  if (checked.kind === 'wrong') {
    if (checked.retryAfterSeconds !== undefined) throw tooManyFailuresError(checked.retryAfterSeconds);
    throw new RegistryError('request.invalid', 'old: this is not your present password.', {
      pointer: '/old',
    });
  }
  const passwordHash = await hashNewPassword(next, principal.name);
  await db.transaction(async (tx) => {
    // Another change since the check counts: the password that was compared is the present one no more.
    const [row] = await tx.query<{ passwordHash: string | null }>(
      'SELECT password_hash AS "passwordHash" FROM principals WHERE id = $1 FOR NO KEY UPDATE',
      [principal.id],
    );
    if (!row || row.passwordHash !== before.passwordHash) {
      throw new RegistryError('request.invalid', 'old: your password was changed a moment ago.', {
        pointer: '/old',
      });
    }
    await actor.subjectIn(tx);
    await writePasswordHash(tx, { id: principal.id, issuer: null }, passwordHash);
    await recordAudit(tx, actor, {
      action: 'user.change',
      details: { user: principal.name, password: 'changed' },
    });
  });
}

/** Finds the stored hash of a local user. @throws {RegistryError} `request.invalid` for a caller without a password */
async function findLocalPasswordHash({ db }: AdminDeps, id: string): Promise<{ passwordHash: string }> {
  const [row] = await db.query<{ passwordHash: string | null }>(
    `SELECT password_hash AS "passwordHash" FROM principals WHERE id = $1 AND kind = 'user'`,
    [id],
  );
  if (row?.passwordHash) return { passwordHash: row.passwordHash };
  throw new RegistryError(
    'request.invalid',
    'You have no password here: service accounts act by tokens, and users of a provider change their password there.',
  );
}
