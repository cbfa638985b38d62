import { toAuditRecord } from '../../audit/event.ts';
import type { AuditQueue } from '../../audit/queue.ts';
import type { Queryable } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import { networkOf } from '../../runtime/addresses.ts';
import { type AdminDeps, assertAccessGuarded } from '../admin/admin.ts';
import { resolveLifetimeDays, type TokenPolicy } from '../admin/tokens.ts';
import { deleteOldAttempts } from '../delete-old-attempts.ts';
import { anonymousCaller } from '../principal.ts';
import { hashSecret, hashTo16Bits, makeSecret } from '../secrets.ts';
import { makeUserCode } from './user-code.ts';

/** Seconds that a user has to approve a log-in. */
export const deviceLoginSeconds = 600;
/** Seconds from one poll to the next. */
export const pollIntervalSeconds = 3;

/** Tries to find a user code that no other log-in has. */
const maxUserCodeTries = 8;

/** Log-in as the command asks for it. */
export interface WantedDeviceLogin {
  /** Name that the command gives itself, such as `command line on laptop`. */
  client: string;
  expiresInDays?: number | undefined;
}

/** Codes of a log-in that has begun. */
export interface BegunDeviceLogin {
  /** Secret of the command, by which it collects the token. */
  deviceCode: string;
  /** Code for the user, as it is stored. */
  userCode: string;
}

/**
 * Begins the log-in of a command. Everybody may: it gives nothing before a user has approved it.
 * @throws {RegistryError} `access.open`, `request.invalid`, `service.busy`
 */
export async function beginDeviceLogin(
  { db, actor, policy, audit }: AdminDeps & { policy: TokenPolicy; audit: AuditQueue },
  { client, expiresInDays }: WantedDeviceLogin,
): Promise<BegunDeviceLogin> {
  await assertAccessGuarded(actor);
  checkClientName(client);
  if (expiresInDays !== undefined) resolveLifetimeDays(expiresInDays, policy);
  const { address = '' } = actor.request;
  const network = hashTo16Bits(networkOf(address));
  const deviceCode = makeSecret();
  const userCode = await insertLogin(db, [
    hashSecret(deviceCode),
    client,
    address,
    network,
    expiresInDays ?? null,
    deviceLoginSeconds,
    pollIntervalSeconds,
  ]);
  await deleteOldAttempts(db, 'device_logins', network);
  audit.add(toAuditRecord(anonymousCaller, actor.request, { action: 'device.request', details: { client } }));
  return { deviceCode, userCode };
}

/** Checks the name of a client. Characters that are not seen could make it look like another one. */
function checkClientName(client: string): void {
  if (/^\P{C}{1,80}$/u.test(client) && client.trim() !== '') return;
  throw new RegistryError(
    'request.invalid',
    'client must have 1 to 80 characters, all of which can be seen.',
    { pointer: '/client' },
  );
}

async function insertLogin(db: Queryable, columns: readonly unknown[]): Promise<string> {
  for (let tries = 0; tries < maxUserCodeTries; tries += 1) {
    const userCode = makeUserCode();
    const inserted = await db.query(
      `INSERT INTO device_logins (device_hash, client, address, network, wished_days, expires_at, poll_seconds, user_code)
       VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6::float8), $7, $8)
       ON CONFLICT (user_code) DO NOTHING RETURNING 1`,
      [...columns, userCode],
    );
    if (inserted.length > 0) return userCode;
  }
  throw new RegistryError('service.busy', 'No free code was found for this log-in. Try again.');
}
