import type { Database } from '../core/db/port.ts';
import { backoffAfter } from '../core/queue/policies.ts';
import { type Handler, ReleasedError, type RetryPolicy } from '../core/queue/port.ts';
import type { Log } from '../core/runtime/log.ts';
import {
  type Attempt,
  type ClaimedDelivery,
  claimDelivery,
  recordAttempt,
  releaseDelivery,
} from '../core/webhooks/deliveries.ts';
import type { Sender } from '../core/webhooks/send.ts';
import { signDelivery } from '../core/webhooks/sign.ts';

/** Dependencies of the delivery handler. */
export interface DeliverOptions {
  db: Database;
  sender: Sender;
  log: Log;
  /** Number of attempts, and the delays between them. */
  policy: RetryPolicy;
}

/**
 * Creates the queue handler that delivers webhooks: each arrival makes one attempt and records it. The time of the
 * next attempt is stored in the table, and a sweep enqueues the delivery then.
 */
export function createDeliver({ db, sender, log, policy }: DeliverOptions): Handler {
  return async ({ id, signal }) => {
    const delivery = await claimDelivery(db, id);
    if (delivery === undefined) return;
    const attempted = await makeAttempt(sender, delivery, signal);
    if (attempted === undefined) {
      // A call that the shutdown cut off counts as no attempt.
      await releaseDelivery(db, id);
      throw new ReleasedError(`Delivery ${id} was interrupted by a shutdown.`);
    }
    const attempt = delivery.attempts + 1;
    const { result } = attempted;
    const isPermanent = !result.ok && result.permanent === true;
    const decision = {
      last: isPermanent || attempt >= policy.attempts,
      nextIn: backoffAfter(policy, attempt),
    };
    const state = await recordAttempt(db, id, attempted, decision);
    const facts = { delivery: id, attempt, status: result.status, ms: Math.round(attempted.duration), state };
    if (result.ok) log.info(facts, 'webhook delivered');
    else log.warn({ ...facts, error: result.error }, 'webhook not delivered');
  };
}

async function makeAttempt(
  sender: Sender,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<Attempt | undefined> {
  const startedAt = new Date();
  const startedAtMs = performance.now();
  const { url, payload } = delivery;
  const call = { url, headers: signDelivery(delivery, startedAt), body: payload };
  const result = await sender.send(call, signal).catch((reason: unknown): undefined => {
    if (!signal.aborted) throw reason;
  });
  return result && { startedAt, duration: performance.now() - startedAtMs, result };
}
