import type { Queryable } from '../db/port.ts';
import type { Principal } from './principal.ts';
import { proofOfPasswordRow, type StoredPasswordRow, storedPasswordSql } from './proofs.ts';
import { createRevisionCache } from './revision-cache.ts';
import { hashSecret, isSecret, makeSecret } from './secrets.ts';

/** Session that a browser has begun. */
export interface NewSession {
  /** Value of the cookie; the database has its hash only. */
  secret: string;
  /** Seconds until it ends, whatever the browser does. */
  lifetimeSeconds: number;
}

/** Session that may be used. */
export interface LiveSession {
  principal: Principal;
  /** Hash of its secret, in hex. */
  hash: string;
  /** Proof of the user's password, with which the session was begun; undefined for a user of a provider. */
  proof: string | undefined;
  expiresAt: Date;
}

/**
 * Finds a session by its secret, or by the hash of one.
 * @param revision revision of access, as it was read for the request
 * @returns undefined for one that is unknown, ended or expired, or whose user is disabled
 */
export type FindSession = (
  session: { secret: string } | { hash: string },
  revision: string,
) => Promise<LiveSession | undefined>;

/** Number of expired rows that are deleted with each new session. */
const purgeBatchSize = 100;

/**
 * Begins the session of a user. Every session begins here, with a new secret, so that nobody can prepare one for
 * another's browser. Expired sessions are deleted on this occasion.
 * @returns undefined for a user that is gone or disabled
 */
export async function beginSession(
  db: Queryable,
  userId: string,
  lifetimeSeconds: number,
): Promise<NewSession | undefined> {
  const secret = makeSecret();
  const begun = await db.query(
    `INSERT INTO sessions (hash, principal_id, expires_at)
     SELECT $1, id, now() + make_interval(secs => $3::float8)
       FROM principals WHERE id = $2 AND kind = 'user' AND NOT disabled
     RETURNING 1`,
    [hashSecret(secret), userId, lifetimeSeconds],
  );
  await db.query(
    `DELETE FROM sessions WHERE hash IN (
       SELECT hash FROM sessions WHERE expires_at < now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    [purgeBatchSize],
  );
  return begun.length === 0 ? undefined : { secret, lifetimeSeconds };
}

/** Ends a session. Its row's trigger raises the revision of access, so no process accepts it at its next request. */
export async function endSession(db: Queryable, secret: string): Promise<void> {
  if (isSecret(secret)) await db.query('DELETE FROM sessions WHERE hash = $1', [hashSecret(secret)]);
}

interface SessionRow extends StoredPasswordRow {
  principal: Principal;
  expiresAt: Date;
  /** Milliseconds by the clock of the database. */
  validMs: number;
}

/** Creates the reader of sessions. */
export function createSessionReader(db: Queryable): FindSession {
  const read = createRevisionCache((hash) => selectSession(db, Buffer.from(hash, 'hex')));
  return async (session, revision) => {
    if ('secret' in session && !isSecret(session.secret)) return undefined;
    const hash = 'hash' in session ? session.hash : hashSecret(session.secret).toString('hex');
    const found = await read(hash, revision);
    if (!found?.isLive()) return undefined;
    const { principal, expiresAt } = found;
    return { principal, hash, proof: proofOfPasswordRow(found), expiresAt };
  };
}

async function selectSession(db: Queryable, hash: Buffer) {
  const readAt = performance.now();
  const [row] = await db.query<SessionRow>(
    `SELECT jsonb_build_object('id', p.id, 'kind', p.kind, 'name', p.name) AS principal,
            ${storedPasswordSql}, s.expires_at AS "expiresAt",
            (extract(epoch FROM s.expires_at - now()) * 1000)::float8 AS "validMs"
       FROM sessions s JOIN principals p ON p.id = s.principal_id
      WHERE s.hash = $1 AND NOT p.disabled`,
    [hash],
  );
  return row && { ...row, isLive: () => performance.now() - readAt < row.validMs };
}

/** Finds out which sessions may still be used. @param hashes of their secrets, in hex */
export async function selectLiveSessions(
  db: Queryable,
  hashes: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ hash: string }>(
    `SELECT encode(hash, 'hex') AS hash FROM sessions
      WHERE hash = ANY(ARRAY(SELECT decode(h, 'hex') FROM unnest($1::text[]) AS h)) AND expires_at > clock_timestamp()`,
    [hashes],
  );
  return new Set(rows.map(({ hash }) => hash));
}
