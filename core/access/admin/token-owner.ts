import type { Queryable, Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import type { PrincipalKind } from '../principal.ts';
import type { RegistryRight, SpaceRight } from '../rights.ts';
import { confirmAccountManager, requireAccountManager } from './account-manager.ts';
import type { AccountRef } from './accounts.ts';
import { type AdminDeps, isInteractive, type KnownCaller, requireKnownCaller } from './admin.ts';
import { principalNameSql } from './names.ts';
import { findPrincipal } from './principal-rows.ts';
import { tokenNotFound } from './token-view.ts';

/** Owner of tokens as a request names it. */
export type TokenOwnerRef =
  /** The caller itself. */
  | { kind: 'self' }
  | ({ kind: 'account' } & AccountRef)
  /** Another user, for commands on the registry's machine. */
  | { kind: 'user'; name: string };

/** Owner of tokens that the actor may make, list and end. */
export interface TokenOwner {
  id: string;
  /** Right by which the actor manages them; absent for its own. */
  right?: SpaceRight | RegistryRight;
  /** Caller, for its own tokens. */
  self?: KnownCaller;
  /** Space of a space's service account. */
  space?: string | undefined;
}

/**
 * Finds the owner of tokens. Nobody makes tokens of another user by HTTP, not even an admin: they would act in its name.
 * @throws {RegistryError} `access.unauthenticated`, `access.denied`, `principal.notFound`, those of `requireAccountManager`
 */
export async function findTokenOwner(deps: AdminDeps, ref: TokenOwnerRef): Promise<TokenOwner> {
  if (ref.kind === 'self') {
    const self = await requireKnownCaller(deps.actor);
    return { id: self.principal.id, self };
  }
  if (ref.kind === 'account') {
    const { spaceId, right } = await requireAccountManager(deps, ref.space);
    const { id } = await findPrincipal(deps.db, ref, spaceId);
    return { id, right, space: ref.space };
  }
  if ((await deps.actor.caller()).kind !== 'system') {
    throw new RegistryError(
      'access.denied',
      'Users make their tokens themselves. Make a service account instead.',
      {
        right: 'principal.manage',
      },
    );
  }
  return { id: (await findPrincipal(deps.db, ref)).id, right: 'principal.manage' };
}

/** Token, with what decides who may manage it. */
export interface FoundToken {
  id: string;
  name: string;
  principalId: string;
  kind: PrincipalKind;
  owner: string;
  space: string | null;
  madeWith: string | null;
}

/** Relation of the actor to a token. */
export interface ManagedToken extends FoundToken {
  /** Right by which the actor manages it; absent for an own one. */
  right?: SpaceRight | RegistryRight;
  /** Whether it may get a new secret, by which the actor could act as the owner. */
  mayRotate: boolean;
}

/**
 * Finds a token that the actor may manage. These are its own, those of its service accounts, and for admins those of
 * users, to revoke them. A token handles itself and those that it has made; one that is not narrowed
 * also sees and revokes the others of its owner.
 * @throws {RegistryError} `token.notFound`, also for a token of somebody else; as `requireKnownCaller`
 */
export async function findManagedToken(deps: AdminDeps, id: string): Promise<ManagedToken> {
  const { actor } = deps;
  const isSystem = (await actor.caller()).kind === 'system';
  const caller = isSystem ? undefined : await requireKnownCaller(actor);
  const found = await selectToken(deps.db, id);
  if (!found) throw tokenNotFound();
  // Secrets that a token may get: its own, and those of what it has made. Another could outlast it.
  const mayRotate = !caller || isInteractive(caller) || managesToken(caller.tokenId, found);
  if (found.principalId === caller?.principal.id) {
    if (!mayRotate && caller.narrowing) throw tokenNotFound();
    return { ...found, mayRotate };
  }
  if (found.space !== null) {
    if (!(await actor.may('account.manage', { space: found.space }))) throw tokenNotFound();
    return { ...found, right: 'account.manage', mayRotate };
  }
  if (!(await actor.mayInRegistry('principal.manage'))) throw tokenNotFound();
  return {
    ...found,
    right: 'principal.manage',
    mayRotate: isSystem || (found.kind === 'account' && mayRotate),
  };
}

/**
 * Checks once more that the actor manages tokens, in the transaction that writes. Call it after the locks. For own
 * tokens the credential must still be good.
 * @param owner result of `findTokenOwner` or `findManagedToken`
 * @throws {RegistryError} `access.unauthenticated`, `access.denied`
 */
export async function confirmTokenManager(
  tx: Transaction,
  deps: AdminDeps,
  owner: Pick<TokenOwner, 'right'> & { space?: string | null | undefined },
): Promise<void> {
  if (owner.right === undefined) await deps.actor.subjectIn(tx);
  else await confirmAccountManager(tx, deps, owner);
}

/** Whether a token is another one, or was made by it. */
function managesToken(tokenId: string | undefined, { id, madeWith }: FoundToken): boolean {
  return tokenId !== undefined && (id === tokenId || madeWith === tokenId);
}

/** SQL of the tokens that a caller sees of its own. `findManagedToken` decides alike. @param id parameter of its token */
export function visibleTokensSql(
  { tokenId, narrowing }: KnownCaller,
  id: string,
): { sql: string; params: string[] } {
  if (!narrowing) return { sql: 'true', params: [] };
  return { sql: `(t.id = ${id} OR t.made_with = ${id})`, params: [tokenId ?? ''] };
}

async function selectToken(db: Queryable, id: string): Promise<FoundToken | undefined> {
  if (!/^[a-z0-9]{16}$/.test(id)) return undefined;
  const [row] = await db.query<FoundToken>(
    `SELECT t.id, t.name, t.principal_id AS "principalId", p.kind, ${principalNameSql('p', 's')} AS owner,
            s.name AS space, t.made_with AS "madeWith"
       FROM tokens t JOIN principals p ON p.id = t.principal_id LEFT JOIN spaces s ON s.id = p.space_id
      WHERE t.id = $1`,
    [id],
  );
  return row;
}
