import { toAuditRecord } from '../../audit/event.ts';
import { recordAuditRecords } from '../../audit/record.ts';
import type { Database, Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import type { RequestFacts } from '../actor.ts';
import type { TokenBounds } from '../admin/token-bounds.ts';
import { insertToken, lockTokenOwner, purgeEndedAndCheckRoom } from '../admin/token-rows.ts';
import { readTokenView, type ShownToken } from '../admin/token-view.ts';
import { hashSecret, isSecret } from '../secrets.ts';
import { makeToken } from '../tokens.ts';
import { deviceTokenName } from './user-code.ts';

/** Seconds by which polls may come early: the clocks of both sides run differently. */
const earlyPollToleranceSeconds = 0.5;
/** Seconds that a poll which comes too soon adds (RFC 8628 section 3.5), and the longest time between two. */
const slowDownSeconds = 5;
const maxPollSeconds = 60;

/**
 * Collects the token of a log-in once it is approved. The row goes with the same commit, so of polls at the same moment
 * one has the token. A user who was disabled since then has none to give. A changed password has deleted the row.
 * @param request facts of the poll, for the audit
 * @throws {RegistryError} `device.pending`, `device.slowDown`, `device.denied`; `device.expired` also for a code that
 *   never was; `token.tooMany`
 */
export async function collectDeviceToken(
  db: Database,
  deviceCode: string,
  request: RequestFacts,
): Promise<ShownToken> {
  if (!isSecret(deviceCode)) throw deviceExpiredError();
  const hash = hashSecret(deviceCode);
  const [seen] = await db.query<{ approved: boolean | null; userId: string | null }>(
    `SELECT approved, principal_id AS "userId" FROM device_logins WHERE device_hash = $1 AND expires_at > now()`,
    [hash],
  );
  if (!seen) throw deviceExpiredError();
  if (seen.approved === null) throw await answerPoll(db, hash);
  const { userId } = seen;
  const collected =
    userId === null
      ? 'denied'
      : await db.transaction((tx) => collectApprovedToken(tx, { hash, userId, request }));
  if (collected === 'denied') throw oauthError('device.denied', 'access_denied', 'The log-in was denied.');
  if (collected === 'expired') throw deviceExpiredError();
  return collected;
}

/** Answers a poll, and writes when it came. @returns the error that answers it */
async function answerPoll(db: Database, hash: Buffer): Promise<RegistryError> {
  const [noted] = await db.query<{ early: boolean; seconds: number }>(
    `WITH before AS (
       SELECT device_hash, coalesce(polled_at > now() - make_interval(secs => poll_seconds - $2::float8), false) AS early
         FROM device_logins WHERE device_hash = $1 FOR UPDATE)
     UPDATE device_logins d
        SET polled_at = now(),
            poll_seconds = CASE WHEN b.early THEN least(d.poll_seconds + $3, $4) ELSE d.poll_seconds END
       FROM before b WHERE d.device_hash = b.device_hash
     RETURNING b.early, d.poll_seconds AS seconds`,
    [hash, earlyPollToleranceSeconds, slowDownSeconds, maxPollSeconds],
  );
  if (!noted) return deviceExpiredError();
  const { early, seconds } = noted;
  return early
    ? oauthError('device.slowDown', 'slow_down', `Ask every ${seconds} s, not more often.`, seconds)
    : oauthError('device.pending', 'authorization_pending', 'Nobody has approved the log-in yet.', seconds);
}

interface ApprovedRow extends TokenBounds {
  client: string;
  code: string;
  days: number;
}

async function collectApprovedToken(
  tx: Transaction,
  { hash, userId, request }: { hash: Buffer; userId: string; request: RequestFacts },
): Promise<ShownToken | 'denied' | 'expired'> {
  // Lock the user first, as an approval does. A change that disables it is done, or waits for the token.
  const owner = await lockTokenOwner(tx, userId);
  const [taken] = await tx.query<ApprovedRow>(
    `DELETE FROM device_logins WHERE device_hash = $1 AND principal_id = $2 AND expires_at > now()
     RETURNING client, user_code AS code, days, role, charts, space_ids::float8[] AS "spaceIds"`,
    [hash, userId],
  );
  if (!taken) return 'expired';
  if (!owner || owner.disabled) return 'denied';
  const { client, code, days, ...bounds } = taken;
  const name = deviceTokenName(client, code);
  await purgeEndedAndCheckRoom(tx, userId, name);
  const { id, text, hash: secretHash } = makeToken();
  await insertToken(tx, { id, hash: secretHash, name, principalId: userId, days, bounds });
  const token = await readTokenView(tx, id);
  const principal = { id: userId, kind: 'user', name: owner.name } as const;
  const caller = { kind: 'principal', principal, credential: 'session' } as const;
  const { owner: tokenOwner, role } = token;
  const expiresAt = token.expiresAt.toISOString();
  const details = { token: id, tokenName: name, owner: tokenOwner, expiresAt, role, by: 'device' };
  recordAuditRecords(tx, [toAuditRecord(caller, request, { action: 'token.create', details })]);
  return { token: text, ...token };
}

/** Makes the error for a device code that is over, was used, or never was: nobody learns which. */
function deviceExpiredError(): RegistryError {
  return oauthError(
    'device.expired',
    'expired_token',
    'This log-in is over: it was not approved within ten minutes, its token was collected, or the password of its user was changed. Begin it again.',
  );
}

/** Makes the answer to a poll. @param error its name for clients of OAuth (RFC 8628 section 3.5) */
function oauthError(
  code: 'device.pending' | 'device.slowDown' | 'device.denied' | 'device.expired',
  error: string,
  message: string,
  retryAfterSeconds?: number,
): RegistryError {
  return new RegistryError(code, message, {
    error,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}
