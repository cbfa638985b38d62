import type { Queryable } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import type { Actor } from '../actor.ts';
import { type RegistryRight, type SpaceRight, type SpaceRole, someChartPlaceholder } from '../rights.ts';
import { principalNameSql } from './names.ts';

/** Token as its owner, and who manages the owner, see it. The secret is never shown again. */
export interface Token {
  id: string;
  name: string;
  /** Principal that it acts as, such as `user:alice`. */
  owner: string;
  /** Highest role; null for the owner's own. */
  role: SpaceRole | null;
  /** Names of the spaces, without those that are gone or that the reader may not read; null for all. */
  spaces: string[] | null;
  /** Globs of chart names; null for all charts. */
  charts: string[] | null;
  state: 'live' | 'expired' | 'revoked';
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
  /** Time until which the secret before the last rotation is accepted; null where none is. */
  previousUntil: Date | null;
  /** Id of the token that made this one. */
  madeWith: string | null;
}

/** Tables of the columns: tokens `t`, their owners `p` and the owners' spaces `s`. */
export const tokenTables =
  'tokens t JOIN principals p ON p.id = t.principal_id LEFT JOIN spaces s ON s.id = p.space_id';

/** Columns of a `Token`. */
export const tokenColumns = `t.id, t.name, ${principalNameSql('p', 's')} AS owner, t.role, t.charts,
  CASE WHEN t.in_spaces THEN ARRAY(
    SELECT n.name FROM token_spaces ts JOIN spaces n ON n.id = ts.space_id WHERE ts.token_id = t.id ORDER BY n.name
  ) END AS spaces,
  CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= now() THEN 'expired' ELSE 'live' END AS state,
  t.created_at AS "createdAt", t.expires_at AS "expiresAt", t.last_used_at AS "lastUsedAt",
  CASE WHEN t.previous_until > now() THEN t.previous_until END AS "previousUntil", t.made_with AS "madeWith"`;

/** Token with its text, which is shown this once. */
export interface ShownToken extends Token {
  token: string;
}

/** Reads a token. @throws {RegistryError} `token.notFound` */
export async function readTokenView(db: Queryable, id: string): Promise<Token> {
  const [token] = await db.query<Token>(`SELECT ${tokenColumns} FROM ${tokenTables} WHERE t.id = $1`, [id]);
  if (!token) throw tokenNotFound();
  return token;
}

/** Reads a token that an actor manages, as the actor may see it. @param managed result of `findManagedToken` */
export async function readVisibleToken(
  { db, actor }: { db: Queryable; actor: Actor },
  managed: { id: string; right?: SpaceRight | RegistryRight },
): Promise<Token> {
  const token = await readTokenView(db, managed.id);
  return managed.right === undefined ? token : withReadableSpaces(actor, token);
}

/**
 * Leaves the names of spaces out that a reader may not read. The maker of a service account's token may read others
 * than those who manage the account too.
 */
export async function withReadableSpaces<View extends Token>(actor: Actor, token: View): Promise<View> {
  if (token.spaces === null) return token;
  const readable = await Promise.all(
    token.spaces.map((space) => actor.may('chart.read', { space, chart: someChartPlaceholder })),
  );
  return { ...token, spaces: token.spaces.filter((_, index) => readable[index]) };
}

/** Makes the error for a token that does not exist for the actor. */
export function tokenNotFound(): RegistryError {
  return new RegistryError('token.notFound', 'You have no such token. List your tokens to see their ids.');
}
