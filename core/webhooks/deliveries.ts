import { randomUUID } from 'node:crypto';
import type { Database, Queryable, Transaction } from '../db/port.ts';
import type { SealedCallback } from './callback-secrets.ts';
import type { SendResult } from './send.ts';

/** Seconds that a due delivery may be on the queue before the sweep enqueues it again. */
export const deliveryGrace = 5;

/** State of a delivery. */
export type DeliveryState = 'pending' | 'succeeded' | 'failed';

/** Delivery to create. */
export interface PendingDelivery extends SealedCallback {
  jobId: string;
  /** Exact body of every attempt. */
  payload: string;
}

/** Delivery with the data for an attempt. */
export interface ClaimedDelivery extends SealedCallback {
  id: string;
  jobId: string;
  payload: string;
  /** Recorded attempts. */
  attempts: number;
}

/** Attempt that was made, and its result. */
export interface Attempt {
  startedAt: Date;
  /** Milliseconds. */
  duration: number;
  result: SendResult;
}

/** Decision on a delivery whose attempt has failed. */
export interface RetryDecision {
  /** Whether no attempt follows. */
  last: boolean;
  /** Milliseconds until the next attempt. */
  nextIn: number;
}

/**
 * Creates a delivery in the transaction that ends the job: both are committed, or neither. Enqueue the id after
 * the commit; if that fails, the sweep finds the delivery.
 * @returns the delivery's id
 */
export async function createDelivery(tx: Transaction, delivery: PendingDelivery): Promise<string> {
  const id = randomUUID();
  await tx.query(
    `INSERT INTO deliveries (id, job_id, url, secret, payload, requeue_at)
     VALUES ($1, $2, $3, $4, $5, now() + $6::interval)`,
    [
      id,
      delivery.jobId,
      delivery.url,
      delivery.sealedSecret ?? null,
      delivery.payload,
      `${deliveryGrace} seconds`,
    ],
  );
  return id;
}

/**
 * Reads a delivery that is due. @returns undefined when it is final, unknown or not due yet, so that a late or
 * doubled arrival sends nothing
 */
export async function claimDelivery(db: Queryable, id: string): Promise<ClaimedDelivery | undefined> {
  const [row] = await db.query<Omit<ClaimedDelivery, 'sealedSecret'> & { sealedSecret: string | null }>(
    `SELECT id, job_id AS "jobId", url, secret AS "sealedSecret", payload,
            (SELECT count(*) FROM delivery_attempts WHERE delivery_id = deliveries.id) AS attempts
       FROM deliveries WHERE id = $1 AND state = 'pending' AND due_at <= now()`,
    [id],
  );
  return row && { ...row, sealedSecret: row.sealedSecret ?? undefined };
}

/** Makes an interrupted delivery due, so that the next worker makes its call. */
export async function releaseDelivery(db: Queryable, id: string): Promise<void> {
  await db.query("UPDATE deliveries SET requeue_at = now() WHERE id = $1 AND state = 'pending'", [id]);
}

/**
 * Records an attempt and updates the delivery. The row's lock orders workers with the same delivery; once one
 * has made it final, the others' attempts are not recorded.
 * @returns the delivery's state afterwards, or undefined when it no longer exists
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
    // A final delivery needs its secret no more.
    await tx.query(
      `UPDATE deliveries SET state = $2, requeue_at = NULL, finished_at = now(), secret = NULL WHERE id = $1`,
      [id, state],
    );
    return state;
  });
}
