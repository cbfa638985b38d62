import { RegistryError } from '../../errors.ts';
import type { Caller } from '../principal.ts';
import { makeToken } from '../tokens.ts';
import type { AdminDeps } from './admin.ts';
import { lockMaker } from './made-tokens.ts';
import { principalNotFound } from './names.ts';
import { recordTokenChange } from './record-token-change.ts';
import { type RequestedBounds, resolveTokenBounds, tokenTooWideError } from './token-bounds.ts';
import { confirmTokenManager, findTokenOwner, type TokenOwnerRef } from './token-owner.ts';
import { insertToken, lockTokenOwner, purgeEndedAndCheckRoom } from './token-rows.ts';
import { readTokenView, type ShownToken, tokenNotFound } from './token-view.ts';
import { resolveLifetimeDays, type TokenPolicy } from './tokens.ts';

/** Token to be created. */
export interface NewToken extends RequestedBounds {
  /** Name for people; no other live token of the owner has it. */
  name: string;
  expiresInDays?: number | undefined;
}

/**
 * Creates a token. A token that is made with a token ends with it at the latest, also where it is of a service account.
 * So revoking a stolen token leaves nothing that it has made. A token for the same owner stays within the bounds of its
 * maker; a service account has its own rights.
 * @throws {RegistryError} as `findTokenOwner` and `resolveTokenBounds`; `request.invalid`, `token.exists`,
 * `token.tooMany`
 */
export async function createToken(
  deps: AdminDeps & { policy: TokenPolicy },
  ownerRef: TokenOwnerRef,
  { name, expiresInDays, ...requested }: NewToken,
): Promise<ShownToken> {
  const owner = await findTokenOwner(deps, ownerRef);
  checkTokenName(name);
  const caller = await deps.actor.caller();
  assertMayCreateToken(caller);
  const days = resolveLifetimeDays(expiresInDays, deps.policy);
  const bounds = await resolveTokenBounds(deps, requested, owner.self);
  const { id, text, hash } = makeToken();
  return deps.db.transaction(async (tx) => {
    if (!(await lockTokenOwner(tx, owner.id))) throw principalNotFound({ kind: 'account', name: owner.id });
    await confirmTokenManager(tx, deps, owner);
    await purgeEndedAndCheckRoom(tx, owner.id, name);
    const madeWith = caller.kind === 'principal' ? caller.tokenId : undefined;
    const end = madeWith === undefined ? undefined : await lockMaker(tx, madeWith);
    if (end === null) throw tokenNotFound();
    await insertToken(tx, { id, hash, name, principalId: owner.id, days, madeWith, bounds });
    const created = await readTokenView(tx, id);
    if (end && created.expiresAt > end) {
      if (expiresInDays !== undefined) throw tokenTooWideError('expiresInDays');
      await tx.query('UPDATE tokens SET expires_at = $2 WHERE id = $1', [id, end]);
      created.expiresAt = end;
    }
    await recordTokenChange(
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

function checkTokenName(name: string): void {
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
function assertMayCreateToken(caller: Caller): void {
  if (caller.kind !== 'principal') return;
  const { credential } = caller;
  if (credential !== 'registryToken' && credential !== 'workload') return;
  throw new RegistryError(
    'access.denied',
    'Tokens are made with a password, a token or in the browser, not with this short credential.',
  );
}
