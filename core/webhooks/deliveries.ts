import { randomUUID } from 'node:crypto';
import type { SealContext } from '../access/sealer.ts';
import type { Database, Queryable, Transaction } from '../db/port.ts';
import { notHeldSql } from '../maintenance/hold.ts';
import { callbackAddressContext, webhookAddressContext } from './addresses.ts';
import { callbackContext, type SealedCallback, webhookContext } from './callback-secrets.ts';
import { testEventType } from './event-types.ts';
import type { SendResult } from './send.ts';

/** Seconds that a due delivery may be on the queue before the sweep enqueues it again. */
export const deliveryGraceSeconds = 5;

/** State of a delivery. */
export type DeliveryState = 'pending' | 'succeeded' | 'failed';

/** Delivery of a job to create. */
export interface NewCallbackDelivery extends SealedCallback {
  jobId: string;
  /** Exact body of every attempt. */
  payload: string;
}

/** Delivery with the data for an attempt. */
export interface ClaimedDelivery {
  id: string;
  /** Address as its row has it. */
  url: string;
  /** Place that its address is sealed for. */
  addressSealedFor: SealContext;
  payload: string;
  /** Place that its secrets are sealed for. */
  sealedFor: SealContext;
  /** Sealed secrets to sign with, the newest first; none for a callback without a secret. */
  sealedSecrets: readonly string[];
  /** Recorded attempts since the delivery was created or replayed. */
  attempts: number;
  /** Webhook of a space that it belongs to; undefined for a delivery of a job. */
  webhook: ClaimedWebhook | undefined;
  /** Trace that it continues. */
  traceparent: string | null;
}

/** Webhook of a delivery. */
export interface ClaimedWebhook {
  id: string;
  isPaused: boolean;
  /** Whether the last calls have failed, and the next ones are made. */
  isFailing: boolean;
  /** Whether the delivery is a test call. */
  isTest: boolean;
}

/** Attempt that was made, and its result. */
export interface Attempt {
  startedAt: Date;
  durationMs: number;
  result: SendResult;
}

/** Decision on a delivery whose attempt has failed. */
export interface RetryDecision {
  /** Whether no attempt follows. */
  last: boolean;
  /** Milliseconds until the next attempt. */
  nextInMs: number;
}

/**
 * Creates a delivery in the transaction that ends the job: both are committed, or neither. Enqueue the id after
 * the commit; if that fails, the sweep finds the delivery.
 * @returns the delivery's id
 */
export async function createCallbackDelivery(
  tx: Transaction,
  delivery: NewCallbackDelivery,
): Promise<string> {
  const id = randomUUID();
  await tx.query(
    `INSERT INTO deliveries (id, job_id, url, secret, signed, payload, requeue_at, traceparent)
     VALUES ($1, $2, $3, $4, $4::text IS NOT NULL, $5, now() + $6::interval,
             (SELECT traceparent FROM jobs WHERE id = $2))`,
    [
      id,
      delivery.jobId,
      delivery.url,
      delivery.sealedSecret ?? null,
      delivery.payload,
      `${deliveryGraceSeconds} seconds`,
    ],
  );
  return id;
}

/**
 * Reads a delivery that is due. @returns undefined when it is final, unknown or not due yet, its webhook was
 * deleted, or the registry is held, so that a late or doubled arrival sends nothing
 */
export async function claimDelivery(db: Queryable, id: string): Promise<ClaimedDelivery | undefined> {
  const [row] = await db.query<ClaimedRow>(claimSql, [id]);
  if (!row) return undefined;
  const { jobId, webhookId, secrets, isPaused, isFailing, type, ...claimed } = row;
  return {
    ...claimed,
    sealedSecrets: secrets.filter((secret) => secret !== null),
    addressSealedFor:
      webhookId === null ? callbackAddressContext(jobId ?? '') : webhookAddressContext(webhookId),
    sealedFor: webhookId === null ? callbackContext(jobId ?? '') : webhookContext(webhookId),
    webhook:
      webhookId === null ? undefined : { id: webhookId, isPaused, isFailing, isTest: type === testEventType },
  };
}

interface ClaimedRow extends Pick<ClaimedDelivery, 'id' | 'url' | 'payload' | 'attempts' | 'traceparent'> {
  jobId: string | null;
  webhookId: string | null;
  secrets: (string | null)[];
  isPaused: boolean;
  isFailing: boolean;
  type: string | null;
}

const claimSql = `
  SELECT d.id, d.job_id AS "jobId", d.webhook_id AS "webhookId", d.type, d.payload, d.traceparent,
         coalesce(w.url, d.url) AS url,
         ARRAY[coalesce(w.secret, d.secret), CASE WHEN w.previous_until > now() THEN w.previous_secret END] AS secrets,
         w.paused_at IS NOT NULL AS "isPaused", w.failing_since IS NOT NULL AND w.paused_at IS NULL AS "isFailing",
         (SELECT coalesce(max(number), 0) FROM delivery_attempts WHERE delivery_id = d.id) - d.earlier_attempts AS attempts
    FROM deliveries d LEFT JOIN webhooks w ON w.id = d.webhook_id
   WHERE d.id = $1 AND d.state = 'pending' AND d.due_at <= now()
     AND (d.webhook_id IS NULL OR w.space_id IS NOT NULL) AND ${notHeldSql}`;

/** Makes an interrupted delivery due, so that the next worker makes its call. */
export async function releaseDelivery(db: Queryable, id: string): Promise<void> {
  await db.query("UPDATE deliveries SET requeue_at = now() WHERE id = $1 AND state = 'pending'", [id]);
}

/** Leaves a delivery to the sweep, some seconds from now; nothing is counted. */
export async function deferDelivery(db: Queryable, id: string, seconds: number): Promise<void> {
  await db.query(
    "UPDATE deliveries SET requeue_at = now() + make_interval(secs => $2) WHERE id = $1 AND state = 'pending'",
    [id, seconds],
  );
}

/**
 * Records an attempt and updates the delivery. The row's lock orders workers with the same delivery; once one
 * has made it final, the others' attempts are not recorded.
 * @param withAttempt writes in the same transaction, if the attempt is recorded
 * @returns the delivery's state afterwards, or undefined when it no longer exists
 */
export async function recordAttempt(
  db: Database,
  id: string,
  attempt: Attempt,
  { last, nextInMs }: RetryDecision,
  withAttempt?: (tx: Transaction) => Promise<void>,
): Promise<DeliveryState | undefined> {
  const { startedAt, durationMs, result } = attempt;
  return db.transaction(async (tx) => {
    const [row] = await tx.query<{ state: DeliveryState }>(
      'SELECT state FROM deliveries WHERE id = $1 FOR UPDATE',
      [id],
    );
    if (row?.state !== 'pending') return row?.state;
    await tx.query(
      `INSERT INTO delivery_attempts (delivery_id, number, started_at, duration, status, error)
       SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5 FROM delivery_attempts WHERE delivery_id = $1`,
      [id, startedAt, Math.round(durationMs), result.status ?? null, result.ok ? null : result.error],
    );
    await withAttempt?.(tx);
    if (!result.ok && !last) {
      await tx.query(
        `UPDATE deliveries SET due_at = now() + $2 * interval '1 millisecond',
                requeue_at = now() + $2 * interval '1 millisecond' WHERE id = $1`,
        [id, nextInMs],
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
