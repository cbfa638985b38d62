import { randomUUID } from 'node:crypto';
import type { Database, Queryable, Transaction } from '../db/port.ts';
import type { SendResult } from './send.ts';

/** Seconds the queue is given to hand out a delivery that is due before a sweep puts it there once more. */
export const deliveryGrace = 5;

export type DeliveryState = 'pending' | 'succeeded' | 'failed';

export interface PendingDelivery {
  jobId: string;
  url: string;
  secret?: string | undefined;
  /** The exact text that every attempt sends. */
  payload: string;
}

/** What a worker needs to make an attempt. */
export interface ClaimedDelivery {
  id: string;
  url: string;
  secret?: string;
  payload: string;
  /** How many attempts are on record. */
  attempts: number;
}

export interface Attempt {
  startedAt: Date;
  /** Milliseconds. */
  duration: number;
  result: SendResult;
}

/** What becomes of a delivery when the attempt has failed. */
export interface RetryDecision {
  /** No attempt will follow. */
  last: boolean;
  /** Milliseconds until the next one is due. */
  nextIn: number;
}

/**
 * Owes a call, in the transaction that finishes the job: the job is final and the call is owed, or neither. Put the
 * identifier on the queue once the transaction has committed; when that fails, a sweep finds it.
 * @returns the delivery's id.
 */
export async function createDelivery(tx: Transaction, delivery: PendingDelivery): Promise<string> {
  const id = randomUUID();
  await tx.query(
    `INSERT INTO deliveries (id, job_id, url, secret, payload, requeue_at)
     VALUES ($1, $2, $3, $4, $5, now() + $6::interval)`,
    [id, delivery.jobId, delivery.url, delivery.secret ?? null, delivery.payload, `${deliveryGrace} seconds`],
  );
  return id;
}

/**
 * A delivery that is owed now; undefined when it is final, unknown or not due yet, so that an arrival that is late, or one
 * too many, sends nothing.
 */
export async function claimDelivery(db: Queryable, id: string): Promise<ClaimedDelivery | undefined> {
  const [row] = await db.query<Omit<ClaimedDelivery, 'secret'> & { secret: string | null }>(
    `SELECT id, url, secret, payload,
            (SELECT count(*) FROM delivery_attempts WHERE delivery_id = deliveries.id) AS attempts
       FROM deliveries WHERE id = $1 AND state = 'pending' AND due_at <= now()`,
    [id],
  );
  if (row === undefined) return undefined;
  const { secret, ...delivery } = row;
  return secret === null ? delivery : { ...delivery, secret };
}

/** Makes a delivery that was taken due at once: this worker ends before its call is over, and the next one makes it. */
export async function releaseDelivery(db: Queryable, id: string): Promise<void> {
  await db.query("UPDATE deliveries SET requeue_at = now() WHERE id = $1 AND state = 'pending'", [id]);
}

/**
 * Writes an attempt down and moves the delivery on. Of two workers that had the same delivery the row's lock decides
 * which is first; once one of them has made it final, the other's attempt is not recorded.
 * @returns the delivery's state afterwards, or undefined when there is no such delivery any more.
 */
export async function recordAttempt(
  db: Database,
  id: string,
  attempt: Attempt,
  { last, nextIn }: RetryDecision,
): Promise<DeliveryState | undefined> {
  const { startedAt, duration, result } = attempt;
  return db.transaction(async (tx) => {
    const [row] = await tx.query<{ state: DeliveryState }>(
      'SELECT state FROM deliveries WHERE id = $1 FOR UPDATE',
      [id],
    );
    if (row?.state !== 'pending') return row?.state;
    await tx.query(
      `INSERT INTO delivery_attempts (delivery_id, number, started_at, duration, status, error)
       SELECT $1, count(*) + 1, $2, $3, $4, $5 FROM delivery_attempts WHERE delivery_id = $1`,
      [id, startedAt, Math.round(duration), result.status ?? null, result.ok ? null : result.error],
    );
    if (!result.ok && !last) {
      await tx.query(
        `UPDATE deliveries SET due_at = now() + $2 * interval '1 millisecond',
                requeue_at = now() + $2 * interval '1 millisecond' WHERE id = $1`,
        [id, nextIn],
      );
      return 'pending';
    }
    const state = result.ok ? 'succeeded' : 'failed';
    // The secret has served its purpose.
    await tx.query(
      `UPDATE deliveries SET state = $2, requeue_at = NULL, finished_at = now(), secret = NULL WHERE id = $1`,
      [id, state],
    );
    return state;
  });
}
