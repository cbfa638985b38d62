import type { Queryable } from '../db/port.ts';
import type { SpaceAccess } from '../read-cache/space-state.ts';
import type { Subject } from './decide.ts';
import { selectPrincipalsWithGrants } from './grants.ts';
import { type StoredBounds, toNarrowing } from './narrowing.ts';
import type { Caller, Credential, Narrowing } from './principal.ts';
import { isProofOfRule, selectProofs } from './proofs.ts';
import { selectLiveSessions } from './sessions.ts';

/** Caller as it is kept with work that ends later. */
export interface KeptCaller {
  principalId: string;
  /** Id of the token that was used; its bounds count as long as the work lasts. */
  tokenId?: string | undefined;
  /** Proof by a password or a trust rule, which the principal must still have. */
  proof?: string | undefined;
  /** Hash of the session, in hex, for what ends with it: a request, but no job. */
  session?: string | undefined;
}

/** Returns what is kept of a caller until its request ends. @returns undefined for one that is not a principal */
export function toKeptCaller(caller: Caller): KeptCaller | undefined {
  if (caller.kind !== 'principal') return undefined;
  const { principal, tokenId, proof, session } = caller;
  return { principalId: principal.id, tokenId, proof, session };
}

/**
 * Reads what kept callers may do now. Reading takes a query for principals, and one for each of tokens, proofs and
 * sessions that callers have. Nothing is remembered, so a transaction that asks last commits only what its callers may.
 * @returns subjects in the order of the callers; undefined where the principal is gone or disabled, or the token,
 *   password, trust rule or session has ended
 */
export async function readSubjects(
  db: Queryable,
  callers: readonly KeptCaller[],
): Promise<(Subject | undefined)[]> {
  const tokenIds = callers.flatMap(({ tokenId }) => tokenId ?? []);
  const proven = callers.flatMap(({ principalId, proof }) => (proof === undefined ? [] : [principalId]));
  const sessions = callers.flatMap(({ session }) => session ?? []);
  const [principals, tokens, proofs, live] = await Promise.all([
    selectPrincipalsWithGrants(
      db,
      callers.map(({ principalId }) => principalId),
    ),
    tokenIds.length > 0 ? selectTokenBounds(db, tokenIds) : new Map<string, KeptTokenBounds>(),
    proven.length > 0 ? selectProofs(db, proven) : new Map<string, ReadonlySet<string>>(),
    sessions.length > 0 ? selectLiveSessions(db, sessions) : new Set<string>(),
  ]);
  return callers.map(({ principalId, tokenId, proof, session }) => {
    const found = principals.get(principalId);
    const token = tokenId === undefined ? undefined : tokens.get(tokenId);
    if (!found || (tokenId !== undefined && token?.principalId !== principalId)) return undefined;
    if (proof !== undefined && !proofs.get(principalId)?.has(proof)) return undefined;
    if (session !== undefined && !live.has(session)) return undefined;
    const { principal, grants } = found;
    const narrowing = token?.narrowing;
    const caller: Caller = {
      kind: 'principal',
      principal,
      credential: credentialOf({ tokenId, proof }),
      ...(tokenId === undefined ? {} : { tokenId }),
      ...(proof === undefined ? {} : { proof }),
      ...(narrowing ? { narrowing } : {}),
    };
    return { caller, grants };
  });
}

function credentialOf({ tokenId, proof }: Pick<KeptCaller, 'tokenId' | 'proof'>): Credential {
  if (tokenId !== undefined) return 'token';
  return proof !== undefined && isProofOfRule(proof) ? 'workload' : 'password';
}

interface KeptTokenBounds {
  principalId: string;
  narrowing: Narrowing | undefined;
}

async function selectTokenBounds(
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, KeptTokenBounds>> {
  const rows = await db.query<StoredBounds & { id: string; principalId: string }>(
    `SELECT t.id, t.principal_id AS "principalId", t.role, t.charts,
            CASE WHEN t.in_spaces THEN ARRAY(SELECT space_id::float8 FROM token_spaces WHERE token_id = t.id) END
              AS "spaceIds"
       FROM tokens t
      WHERE t.id = ANY((SELECT $1::text[])::text[]) AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp()`,
    [ids],
  );
  return new Map(
    rows.map(({ id, principalId, ...bounds }) => [id, { principalId, narrowing: toNarrowing(bounds) }]),
  );
}

/** Reads spaces by their names, as access control sees them. Those that do not exist are left out. */
export async function selectSpaceAccess(
  db: Queryable,
  names: readonly string[],
): Promise<Map<string, SpaceAccess>> {
  const rows = await db.query<SpaceAccess & { name: string }>(
    'SELECT name, id, visibility FROM spaces WHERE name = ANY((SELECT $1::text[])::text[])',
    [[...new Set(names)]],
  );
  return new Map(rows.map(({ name, ...space }) => [name, space]));
}
