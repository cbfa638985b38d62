import { randomUUID } from 'node:crypto';
import type { Database, Queryable, Transaction } from '../db/port.ts';
import type { SendResult } from './send.ts';

/**
 * Milliseconds that the queue gets beyond the time at which a delivery is due, before a sweep takes it for forgotten.
 * Sweeping early is harmless, since a queue holds an identifier once; it is only work.
 */
const margin = 60_000;

export type DeliveryState = 'pending' | 'succeeded' | 'failed';

export interface OwedDelivery {
  jobId: string;
  url: string;
  secret?: string | undefined;
  /** The exact text that every attempt sends. */
  payload: string;
}

/** What a worker needs to make an attempt. */
export interface TakenDelivery {
  id: string;
  url: string;
  secret?: string;
  payload: string;
}

export interface Attempt {
  startedAt: Date;
  /** Milliseconds. */
  duration: number;
  result: SendResult;
}

/** What becomes of a delivery when the attempt has failed. */
export interface Outlook {
  /** No attempt will follow. */
  last: boolean;
  /** Milliseconds until the queue tries again. */
  nextIn: number;
}

/**
 * Owes a call, in the transaction that finishes the job: the job is final and the call is owed, or neither. Put the
 * identifier on the queue once the transaction has committed; when that fails, {@link sweepDeliveries} finds it.
 * @returns the delivery's id.
 */
export async function oweDelivery(tx: Transaction, delivery: OwedDelivery): Promise<string> {
  const id = randomUUID();
  await tx.query(
    `INSERT INTO deliveries (id, job_id, url, secret, payload, requeue_at)
     VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 millisecond')`,
    [id, delivery.jobId, delivery.url, delivery.secret ?? null, delivery.payload, margin],
  );
  return id;
}

/** A delivery that is still owed; undefined when it is final or unknown, so that a late arrival sends nothing. */
export async function takeDelivery(db: Queryable, id: string): Promise<TakenDelivery | undefined> {
  const [row] = await db.query<{ url: string; secret: string | null; payload: string }>(
    `SELECT url, secret, payload FROM deliveries WHERE id = $1 AND state = 'pending'`,
    [id],
  );
  if (row === undefined) return undefined;
  const { url, secret, payload } = row;
  return secret === null ? { id, url, payload } : { id, url, secret, payload };
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
  { last, nextIn }: Outlook,
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
        `UPDATE deliveries SET requeue_at = now() + $2 * interval '1 millisecond' WHERE id = $1`,
        [id, nextIn + margin],
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

/**
 * Takes deliveries that the queue seems to have forgotten, the longest overdue first, to be put back on it. They are
 * pushed forward in the same statement, so that no two sweepers get the same one.
 * @returns their ids, at most `limit`.
 */
export async function sweepDeliveries(db: Queryable, limit: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `WITH due AS MATERIALIZED (
       SELECT id FROM deliveries WHERE state = 'pending' AND requeue_at <= now()
       ORDER BY requeue_at LIMIT $1 FOR UPDATE SKIP LOCKED
     )
     UPDATE deliveries SET requeue_at = now() + $2 * interval '1 millisecond'
     FROM due WHERE deliveries.id = due.id RETURNING deliveries.id`,
    [limit, margin],
  );
  return rows.map(({ id }) => id);
}
