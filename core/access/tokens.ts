import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Queryable } from '../db/port.ts';
import { type StoredBounds, toNarrowing } from './narrowing.ts';
import type { Narrowing, Principal } from './principal.ts';
import { createRevisionCache, type ReadAtRevision } from './revision-cache.ts';

/** Token as its text names it: `hrt_ID_SECRET`. */
export interface PresentedToken {
  id: string;
  secret: string;
}

/** Token that may be used, with its owner. */
export interface LiveToken {
  id: string;
  name: string;
  principal: Principal;
  narrowing: Narrowing | undefined;
  /** Checks a secret against the current one and the one before the last rotation. */
  accepts(secret: string): boolean;
}

const tokenPattern = /^hrt_([a-z0-9]{16})_([A-Za-z0-9_-]{43})$/;

/** Reads the text of a token. @returns undefined for any other text */
export function parseToken(text: string): PresentedToken | undefined {
  const [, id, secret] = tokenPattern.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** Whether a text claims to be a token, well-formed or not. */
export function looksLikeToken(text: string): boolean {
  return text.startsWith('hrt_');
}

/** Makes the id, text and hash of a token. The token is new, or gets a new secret under its id. */
export function makeToken(id: string = makeTokenId()): { id: string; text: string; hash: Buffer } {
  const secret = randomBytes(32).toString('base64url');
  return { id, text: `hrt_${id}_${secret}`, hash: hashSecret(secret) };
}

function makeTokenId(): string {
  return randomBytes(10).toString('hex').slice(0, 16);
}

/** Hashes a secret. It has 256 random bits, so a fast hash is enough. */
function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Finds tokens by their ids; undefined for one that is unknown, revoked or expired. */
export type FindToken = ReadAtRevision<LiveToken>;

/** Creates the reader of tokens. */
export function createTokenReader(db: Queryable): FindToken {
  const read = createRevisionCache((id) => selectToken(db, id));
  return async (id, revision) => {
    const stored = await read(id, revision);
    return stored && stored.elapsed() < stored.validMs ? toLiveToken(stored) : undefined;
  };
}

interface TokenRow extends StoredBounds {
  id: string;
  name: string;
  secretHash: Buffer;
  previousHash: Buffer | null;
  /** Milliseconds by the clock of the database. */
  validMs: number;
  previousMs: number | null;
  principal: Principal;
}

interface StoredToken extends TokenRow {
  /** Milliseconds since the row was read. */
  elapsed(): number;
}

async function selectToken(db: Queryable, id: string): Promise<StoredToken | undefined> {
  const readAt = performance.now();
  const [row] = await db.query<TokenRow>(
    `SELECT t.id, t.name, t.secret_hash AS "secretHash", t.previous_hash AS "previousHash", t.role, t.charts,
            CASE WHEN t.in_spaces THEN ARRAY(SELECT space_id::float8 FROM token_spaces WHERE token_id = t.id) END
              AS "spaceIds",
            (extract(epoch FROM t.expires_at - now()) * 1000)::float8 AS "validMs",
            (extract(epoch FROM t.previous_until - now()) * 1000)::float8 AS "previousMs",
            jsonb_build_object('id', p.id, 'kind', p.kind, 'name', coalesce(s.name || '/', '') || p.name) AS principal
       FROM tokens t JOIN principals p ON p.id = t.principal_id LEFT JOIN spaces s ON s.id = p.space_id
      WHERE t.id = $1 AND t.revoked_at IS NULL AND NOT p.disabled`,
    [id],
  );
  return row && { ...row, elapsed: () => performance.now() - readAt };
}

function toLiveToken(stored: StoredToken): LiveToken {
  const { id, name, principal, secretHash, previousHash, previousMs } = stored;
  return {
    id,
    name,
    principal,
    narrowing: toNarrowing(stored),
    accepts(secret) {
      const hash = hashSecret(secret);
      if (timingSafeEqual(hash, secretHash)) return true;
      return (
        previousHash !== null && stored.elapsed() < (previousMs ?? 0) && timingSafeEqual(hash, previousHash)
      );
    },
  };
}
