import type { Queryable } from '../db/port.ts';
import { deleteOldAttempts } from './delete-old-attempts.ts';
import { hashSecret, hashTo16Bits, isSecret, makeSecret } from './secrets.ts';

/** Log-in that a browser has begun at the provider. */
export interface ProviderAttempt {
  /** Goes to the provider, and comes back with its response. */
  state: string;
  /** Comes back in the ID token. */
  nonce: string;
  /** PKCE's verifier. It stays in a cookie of the browser, so only that browser can end the attempt. */
  verifier: string;
}

/** Seconds that a user has to log in at the provider. */
export const attemptLifetimeSeconds = 600;

/** Circumstances of a new attempt. */
export interface AttemptContext {
  /** Path of the registry to which the browser goes afterwards. */
  returnPath: string;
  /** Network of the client, as `networkOf` names it. */
  network: string;
}

/** Makes the secrets of a new attempt. */
export function makeAttempt(): ProviderAttempt {
  return { state: makeSecret(), nonce: makeSecret(), verifier: makeSecret() };
}

/**
 * Writes an attempt, by its hashes, for the response of the provider. Expired attempts are deleted on this occasion,
 * and the oldest of a network that has begun too many. So a network fills no table, and ends no attempts of others.
 */
export async function recordLoginAttempt(
  db: Queryable,
  attempt: ProviderAttempt,
  { returnPath, network }: AttemptContext,
): Promise<void> {
  const bucket = hashTo16Bits(network);
  await db.query(
    `INSERT INTO provider_attempts (state_hash, challenge, nonce, return_path, expires_at, network)
     VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5::float8), $6)`,
    [
      hashSecret(attempt.state),
      hashSecret(attempt.verifier),
      attempt.nonce,
      returnPath,
      attemptLifetimeSeconds,
      bucket,
    ],
  );
  await deleteOldAttempts(db, 'provider_attempts', bucket);
}

/**
 * Claims an attempt: deletes it from the table. So an attempt ends once, however many responses come.
 * @returns undefined for one that is unknown, over, expired, or another browser's
 */
export async function claimProviderAttempt(
  db: Queryable,
  { state, verifier }: Pick<ProviderAttempt, 'state' | 'verifier'>,
): Promise<{ nonce: string; returnPath: string } | undefined> {
  if (!isSecret(state) || !isSecret(verifier)) return undefined;
  const [taken] = await db.query<{ nonce: string; returnPath: string }>(
    `DELETE FROM provider_attempts WHERE state_hash = $1 AND challenge = $2 AND expires_at > now()
     RETURNING nonce, return_path AS "returnPath"`,
    [hashSecret(state), hashSecret(verifier)],
  );
  return taken;
}

/** Writes PKCE's challenge of a verifier as the provider gets it. */
export function pkceChallengeOf(verifier: string): string {
  return hashSecret(verifier).toString('base64url');
}
