import { recordAudit } from '../../audit/record.ts';
import type { Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import { type KnownCaller, requireKnownCaller } from '../admin/admin.ts';
import { principalNotFound } from '../admin/names.ts';
import { type RequestedBounds, resolveTokenBounds } from '../admin/token-bounds.ts';
import { lockTokenOwner, purgeEndedAndCheckRoom } from '../admin/token-rows.ts';
import { resolveLifetimeDays } from '../admin/tokens.ts';
import {
  type DecideDeps,
  type DeviceRequest,
  deviceRequestNotFoundError,
  findDeviceRequest,
} from './find-device-request.ts';
import { deviceTokenName } from './user-code.ts';

/** Bounds and days of the token that a user lets a command have. */
export interface ApprovedTokenOptions extends RequestedBounds {
  expiresInDays?: number | undefined;
}

/**
 * Shows the log-in with a user code to a user. The user decides about it afterwards.
 * @throws {RegistryError} as `findDeviceRequest`, and those of callers without a session
 */
export async function reviewDeviceLogin(deps: DecideDeps, userCode: string): Promise<DeviceRequest> {
  return findDeviceRequest(deps, await requireSessionCaller(deps), userCode);
}

/**
 * Approves a log-in. The command may collect a token that acts as the caller, within bounds.
 * @throws {RegistryError} as `reviewDeviceLogin` and `resolveTokenBounds`; `request.invalid`, `token.tooMany`;
 *   `access.unauthenticated` where the session has ended meanwhile
 */
export async function approveDeviceLogin(
  deps: DecideDeps,
  userCode: string,
  { expiresInDays, ...requested }: ApprovedTokenOptions,
): Promise<void> {
  const caller = await requireSessionCaller(deps);
  const { code, client, address, ...wished } = await findDeviceRequest(deps, caller, userCode);
  const days = resolveLifetimeDays(expiresInDays ?? wished.expiresInDays ?? undefined, deps.policy);
  const bounds = await resolveTokenBounds(deps, requested, caller);
  const { id, name } = caller.principal;
  await deps.db.transaction(async (tx) => {
    // Lock the user first, as all do who write its tokens: two that wait for each other would end one.
    if (!(await lockTokenOwner(tx, id))) throw principalNotFound({ kind: 'user', name });
    // A password that was changed while this waited has ended the session.
    await deps.actor.subjectIn(tx);
    await purgeEndedAndCheckRoom(tx, id, deviceTokenName(client, code));
    const columns = [id, days, bounds.role, bounds.spaceIds, bounds.charts];
    await writeDecision(
      tx,
      code,
      'approved = true, principal_id = $2, days = $3, role = $4, space_ids = $5::bigint[], charts = $6::text[]',
      columns,
    );
    const { role } = bounds;
    await recordAudit(tx, deps.actor, {
      action: 'device.approve',
      details: { client, address, role, expiresInDays: days },
    });
  });
}

/** Denies a log-in: its command gets nothing. @throws {RegistryError} as `reviewDeviceLogin` */
export async function denyDeviceLogin(deps: DecideDeps, userCode: string): Promise<void> {
  const { code, client, address } = await reviewDeviceLogin(deps, userCode);
  await deps.db.transaction(async (tx) => {
    await writeDecision(tx, code, 'approved = false', []);
    await recordAudit(tx, deps.actor, { action: 'device.deny', details: { client, address } });
  });
}

/** Writes the decision about a log-in, once: of two users, or two clicks, the first decides. */
async function writeDecision(
  tx: Transaction,
  code: string,
  assignments: string,
  columns: readonly unknown[],
): Promise<void> {
  const decided = await tx.query(
    `UPDATE device_logins SET ${assignments}
      WHERE user_code = $1 AND approved IS NULL AND expires_at > now() RETURNING 1`,
    [code, ...columns],
  );
  if (decided.length === 0) throw deviceRequestNotFoundError();
}

/** Refuses programs: with a token they could make another one that outlives it. */
async function requireSessionCaller({ actor }: DecideDeps): Promise<KnownCaller> {
  const caller = await requireKnownCaller(actor);
  if (caller.credential === 'session' && caller.principal.kind === 'user') return caller;
  throw new RegistryError(
    'access.denied',
    'A log-in of a command is approved in the browser, by somebody who is logged in there.',
  );
}
