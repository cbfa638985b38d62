import type { Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import { makeToken } from '../tokens.ts';
import type { AdminDeps, KnownCaller } from './admin.ts';
import { principalNotFound } from './names.ts';
import { type RequestedBounds, readBounds, type TokenBounds, tooWide } from './token-bounds.ts';
import { findOwner, type OwnerRef, type TokenOwner } from './token-owner.ts';
import { readShown, type ShownToken, tokenNotFound } from './token-view.ts';
import { lifetimeOf, recordToken, type TokenPolicy } from './tokens.ts';

/** Token to be created. */
export interface NewToken extends RequestedBounds {
  /** Name for people; no other live token of the owner has it. */
  name: string;
  expiresInDays?: number | undefined;
}

/** Largest number of live tokens of one owner, and days for which ended ones are listed. */
const maxLive = 200;
const keptDays = 90;

/**
 * Creates a token. With a token as credential, the new one stays within its bounds and ends with it at the latest.
 * @throws {RegistryError} as `findOwner` and `readBounds`; `request.invalid`, `token.exists`, `token.tooMany`
 */
export async function createToken(
  deps: AdminDeps & { policy: TokenPolicy },
  ownerRef: OwnerRef,
  { name, expiresInDays, ...requested }: NewToken,
): Promise<ShownToken> {
  const owner = await findOwner(deps, ownerRef);
  checkName(name);
  if (owner.self) assertMayMake(owner.self);
  const days = lifetimeOf(expiresInDays, deps.policy);
  const bounds = await readBounds(deps, requested, owner.self);
  const { id, text, hash } = makeToken();
  return deps.db.transaction(async (tx) => {
    await lockOwner(tx, owner);
    await checkRoom(tx, owner.id, name);
    const madeWith = owner.self?.tokenId;
    const end = madeWith === undefined ? undefined : await lockMaker(tx, madeWith);
    await insertToken(tx, { id, hash, name, principalId: owner.id, days, madeWith, bounds });
    const created = await readShown(tx, id);
    if (end && created.expiresAt > end) {
      if (expiresInDays !== undefined) throw tooWide('expiresInDays');
      await tx.query('UPDATE tokens SET expires_at = $2 WHERE id = $1', [id, end]);
      created.expiresAt = end;
    }
    await recordToken(
      tx,
      deps,
      { ...owner, id, name, owner: created.owner },
      {
        action: 'token.create',
        expiresAt: created.expiresAt.toISOString(),
        role: created.role,
      },
    );
    return { token: text, ...created };
  });
}

function checkName(name: string): void {
  if (/^[^\p{Cc}\p{Cs}]{1,100}$/u.test(name) && name.trim() !== '') return;
  throw new RegistryError(
    'request.invalid',
    'name must have 1 to 100 characters, and no control characters.',
    {
      pointer: '/name',
    },
  );
}

/** Refuses credentials that end within minutes, and whose bounds no token could have. */
function assertMayMake({ credential }: KnownCaller): void {
  if (credential !== 'registryToken' && credential !== 'workload') return;
  throw new RegistryError(
    'access.denied',
    'Tokens are made with a password, a token or in the browser, not with this short credential.',
  );
}

/** Locks the owner, so that its tokens are counted one after the other. */
async function lockOwner(tx: Transaction, { id }: TokenOwner): Promise<void> {
  const found = await tx.query('SELECT id FROM principals WHERE id = $1 FOR NO KEY UPDATE', [id]);
  if (found.length === 0) throw principalNotFound({ kind: 'account', name: id });
}

/** Deletes tokens that ended long ago, and checks that there is room for one of this name. */
async function checkRoom(tx: Transaction, ownerId: string, name: string): Promise<void> {
  await tx.query(
    `DELETE FROM tokens
      WHERE principal_id = $1 AND least(revoked_at, expires_at) < now() - $2 * interval '1 day'`,
    [ownerId, keptDays],
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
  if ((found?.live ?? 0) >= maxLive)
    throw new RegistryError(
      'token.tooMany',
      `There are ${maxLive} live tokens. Revoke some that are not used.`,
    );
}

/** Keeps the token that makes another one from being revoked meanwhile. @returns its end */
async function lockMaker(tx: Transaction, id: string): Promise<Date> {
  const [maker] = await tx.query<{ expiresAt: Date }>(
    `SELECT expires_at AS "expiresAt" FROM tokens
      WHERE id = $1 AND revoked_at IS NULL AND expires_at > now() FOR SHARE`,
    [id],
  );
  if (!maker) throw tokenNotFound();
  return maker.expiresAt;
}

interface TokenRow {
  id: string;
  hash: Buffer;
  name: string;
  principalId: string;
  days: number;
  madeWith: string | undefined;
  bounds: TokenBounds;
}

async function insertToken(tx: Transaction, row: TokenRow): Promise<void> {
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
