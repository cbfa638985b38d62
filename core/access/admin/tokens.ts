import { RegistryError } from '../../errors.ts';
import type { Page, Paging } from '../../registry/registry.ts';
import { type AdminDeps, assertAccessGuarded, readPage } from './admin.ts';
import { revokeWithMade } from './made-tokens.ts';
import { recordTokenChange } from './record-token-change.ts';
import {
  confirmTokenManager,
  findManagedToken,
  findTokenOwner,
  type TokenOwnerRef,
  visibleTokensSql,
} from './token-owner.ts';
import { readVisibleToken, type Token, tokenColumns, tokenTables, withReadableSpaces } from './token-view.ts';

/** Filter of a list of tokens. */
export interface TokenFilter {
  /** Days within which live tokens expire. */
  expiresWithin?: number | undefined;
}

/**
 * Lists the tokens of an owner, the newest first. Of those that expire soon, the next to expire comes first.
 * @throws {RegistryError} as `findTokenOwner`
 */
export async function listTokens(
  deps: AdminDeps,
  owner: TokenOwnerRef,
  filter: TokenFilter,
  paging: Paging,
): Promise<Page<Token>> {
  const { id, self } = await findTokenOwner(deps, owner);
  const seen = self ? visibleTokensSql(self, '$2') : { sql: 'true', params: [] };
  const page = await readTokens(
    deps,
    [`t.principal_id = $1 AND ${seen.sql}`, [id, ...seen.params]],
    filter,
    paging,
  );
  if (self) return page;
  return {
    ...page,
    items: await Promise.all(page.items.map((token) => withReadableSpaces(deps.actor, token))),
  };
}

/** Lists the tokens of everybody, for admins. Admins look for those that expire, or were left behind. */
export async function listAllTokens(
  deps: AdminDeps,
  filter: TokenFilter,
  paging: Paging,
): Promise<Page<Token>> {
  await assertAccessGuarded(deps.actor);
  await deps.actor.requireInRegistry('principal.manage');
  return readTokens(deps, ['true', []], filter, paging);
}

function readTokens(
  { db }: AdminDeps,
  [where, params]: [string, readonly string[]],
  { expiresWithin }: TokenFilter,
  paging: Paging,
): Promise<Page<Token>> {
  const columns = tokenColumns;
  const from = `${tokenTables} WHERE ${where}`;
  if (expiresWithin === undefined)
    return readPage(db, { columns, from, order: 't.created_at DESC, t.id' }, params, paging);
  const days = `$${params.length + 1}::float8`;
  const soon = `t.revoked_at IS NULL AND t.expires_at > now() AND t.expires_at <= now() + ${days} * interval '1 day'`;
  const query = { columns, from: `${from} AND ${soon}`, order: 't.expires_at, t.id' };
  return readPage(db, query, [...params, expiresWithin], paging);
}

/** Reads a token that the actor may manage. @throws {RegistryError} as `findManagedToken` */
export async function readToken(deps: AdminDeps, id: string): Promise<Token> {
  return readVisibleToken(deps, await findManagedToken(deps, id));
}

/**
 * Revokes a token, and those that were made with it. It counts on every process with the next request. A token that is
 * revoked already stays so.
 * @throws {RegistryError} as `findManagedToken`
 */
export async function revokeToken(deps: AdminDeps, id: string): Promise<void> {
  const token = await findManagedToken(deps, id);
  await deps.db.transaction(async (tx) => {
    await tx.query('SELECT FROM tokens WHERE id = $1 FOR NO KEY UPDATE', [token.id]);
    await confirmTokenManager(tx, deps, token);
    const others = await revokeWithMade(tx, token.id);
    await recordTokenChange(tx, deps, token, { action: 'token.revoke', others });
  });
}

/** Limit on the lifetime of tokens. */
export interface TokenPolicy {
  /** Largest lifetime in days. */
  maxDays: number;
}

/** Lifetime of a token whose request names none. */
const defaultLifetimeDays = 90;

/** Returns the lifetime of a token in days. @throws {RegistryError} `request.invalid` for more than the maximum */
export function resolveLifetimeDays(days: number | undefined, { maxDays }: TokenPolicy): number {
  if (days === undefined) return Math.min(defaultLifetimeDays, maxDays);
  if (Number.isInteger(days) && days >= 1 && days <= maxDays) return days;
  throw new RegistryError(
    'request.invalid',
    `expiresInDays must be a whole number from 1 to ${maxDays}. Rotate the token before it expires.`,
    { pointer: '/expiresInDays' },
  );
}
