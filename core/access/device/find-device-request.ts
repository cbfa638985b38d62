import { RegistryError } from '../../errors.ts';
import { networkOf } from '../../runtime/addresses.ts';
import type { AdminDeps, KnownCaller } from '../admin/admin.ts';
import type { TokenPolicy } from '../admin/tokens.ts';
import type { LoginLimits } from '../login-limits.ts';
import { readUserCode } from './user-code.ts';

/** Dependencies of decisions about log-ins of commands. */
export type DecideDeps = AdminDeps & { policy: TokenPolicy; limits: LoginLimits };

/** Log-in that waits for a decision, as the user sees it. */
export interface DeviceRequest {
  /** User code as it is stored. */
  code: string;
  client: string;
  /** Address that the command asked from. */
  address: string;
  /** Days that it wishes for its token; null for the usual ones. */
  expiresInDays: number | null;
  createdAt: Date;
  expiresAt: Date;
}

/**
 * Finds the log-in with a user code that waits for a decision. A code has 34 bits, so wrong codes are counted by user.
 * During a delay right codes are refused too, or they could be told from wrong ones.
 * @throws {RegistryError} `device.notFound` for a code that is wrong, decided or expired; `access.tooManyFailures`
 */
export async function findDeviceRequest(
  { db, actor, limits }: DecideDeps,
  { principal }: KnownCaller,
  typed: string,
): Promise<DeviceRequest> {
  // By user alone, and apart from passwords: neither strangers nor neighbours of a network delay anybody else.
  const attempt = { network: networkOf(actor.request.address ?? ''), typist: principal.id };
  const delay = await limits.readDelay(attempt);
  if (delay.seconds > 0) throw tooManyWrongCodesError(delay.seconds);
  const code = readUserCode(typed);
  const [found] =
    code === undefined
      ? []
      : await db.query<DeviceRequest>(
          `SELECT user_code AS code, client, address, wished_days AS "expiresInDays", created_at AS "createdAt",
                  expires_at AS "expiresAt"
             FROM device_logins WHERE user_code = $1 AND approved IS NULL AND expires_at > now()`,
          [code],
        );
  if (found) return found;
  await limits.countFailure(attempt, delay);
  throw deviceRequestNotFoundError();
}

/** Makes the error for a user code by which nothing waits for a decision. */
export function deviceRequestNotFoundError(): RegistryError {
  return new RegistryError(
    'device.notFound',
    'No log-in with this code waits for you. Compare it with what the command shows; after ten minutes, or a decision, begin the log-in again.',
    { pointer: '/user_code' },
  );
}

function tooManyWrongCodesError(seconds: number): RegistryError {
  return new RegistryError(
    'access.tooManyFailures',
    `Too many wrong codes were typed. Try again in ${seconds} s.`,
    { retryAfterSeconds: seconds },
  );
}
