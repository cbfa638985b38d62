import type { Actor, RightPlace } from '../access/actor.ts';
import type { SpaceRight } from '../access/rights.ts';
import type { Sealer } from '../access/sealer.ts';
import { recordAudit } from '../audit/record.ts';
import type { Database, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { isUuid } from '../runtime/is-uuid.ts';
import { callbackAddressContext, maskStoredAddress } from './addresses.ts';
import { findSecretFault } from './callback.ts';
import { callbackContext } from './callback-secrets.ts';
import { type DeliveryRow, type ListedDelivery, readAttempts, toListedDelivery } from './list-deliveries.ts';

/** Job whose delivery is replayed, and the right by which it is. */
interface ReplayedJob {
  job: { id: string; space: string; chart: string };
  right: SpaceRight;
  /** Where the right was checked. */
  place: RightPlace;
}

/** Dependencies of a replay. */
interface ReplayDeps {
  db: Database;
  actor: Actor;
  sealer: Sealer;
}

/**
 * Makes the call of a job's delivery again: the same payload under the same id.
 * A delivery that has ended gets a new series of attempts. Its secret was deleted then, so it is to be given again.
 * @returns the delivery, which is pending
 * @throws {RegistryError} `delivery.notFound`; `callback.invalid` for a secret that is missing or cannot sign;
 *   `access.denied` and the like where the right has gone
 */
export async function replayCallback(
  { db, actor, sealer }: ReplayDeps,
  { job: { id: jobId, space, chart }, right, place }: ReplayedJob,
  deliveryId: string,
  secret: string | undefined,
): Promise<ListedDelivery> {
  const fault = secret === undefined ? undefined : findSecretFault(secret);
  if (fault !== undefined) throw callbackSecretError(`The callback's secret ${fault}`);
  const replayed = await db.transaction(async (tx) => {
    const { state, signed } = await lockDelivery(tx, jobId, deliveryId);
    await actor.confirm(tx, right, place);
    if (state === 'pending') {
      await tx.query(
        'UPDATE deliveries SET due_at = now(), requeue_at = now() WHERE id = $1 AND due_at > now()',
        [deliveryId],
      );
    } else {
      if (secret === undefined && signed !== false) {
        throw callbackSecretError(
          'The calls of this delivery were signed, and its secret was deleted when it had ended. Send {"secret": "whsec_…"} with the secret of the callback.',
        );
      }
      const sealedSecret = secret === undefined ? null : sealer.seal(secret, callbackContext(jobId));
      await tx.query(
        `UPDATE deliveries d SET state = 'pending', due_at = now(), requeue_at = now(), finished_at = NULL,
                secret = $2, signed = $2::text IS NOT NULL,
                earlier_attempts = (SELECT coalesce(max(number), 0) FROM delivery_attempts WHERE delivery_id = d.id)
          WHERE id = $1`,
        [deliveryId, sealedSecret],
      );
    }
    const event = { action: 'webhook.replay', right, space, chart, jobId } as const;
    await recordAudit(tx, actor, { ...event, details: { delivery: deliveryId } });
    return readListedDelivery(tx, deliveryId);
  });
  // Opened after the transaction: an unknown key is read over another connection.
  const url = await maskStoredAddress(sealer, replayed.url, callbackAddressContext(jobId));
  return { ...replayed, url };
}

async function lockDelivery(tx: Transaction, jobId: string, id: string) {
  const [row] = isUuid(id)
    ? await tx.query<{ state: string; signed: boolean | null }>(
        'SELECT state, signed FROM deliveries WHERE id = $1 AND job_id = $2 FOR UPDATE',
        [id, jobId],
      )
    : [];
  if (row) return row;
  throw new RegistryError(
    'delivery.notFound',
    'The job has no such delivery. List its deliveries to see their ids.',
  );
}

/** Reads a delivery, with its address as the row has it. */
async function readListedDelivery(tx: Transaction, id: string): Promise<ListedDelivery> {
  const [row] = await tx.query<DeliveryRow>(
    'SELECT id, url, state, created_at, finished_at FROM deliveries WHERE id = $1',
    [id],
  );
  if (!row) throw new Error('a delivery that is locked has gone');
  return toListedDelivery(row, (await readAttempts(tx, [id])).get(id));
}

function callbackSecretError(message: string): RegistryError {
  return new RegistryError('callback.invalid', message, { pointer: '/secret' });
}
