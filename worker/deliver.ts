import type { Database } from '../core/db/port.ts';
import { backoffAfter } from '../core/queue/policies.ts';
import { GivenBack, type Handler, type RetryPolicy } from '../core/queue/port.ts';
import type { Log } from '../core/runtime/log.ts';
import {
  type Attempt,
  giveBackDelivery,
  recordAttempt,
  type TakenDelivery,
  takeDelivery,
} from '../core/webhooks/deliveries.ts';
import type { Sender } from '../core/webhooks/send.ts';
import { signDelivery } from '../core/webhooks/sign.ts';

export interface DeliverOptions {
  db: Database;
  sender: Sender;
  log: Log;
  /** How often a call is made, and when. */
  policy: RetryPolicy;
}

/**
 * Makes the handler of the queue of deliveries: one arrival is one attempt, recorded whatever comes of it. When another
 * should follow, its time is in the table, and a sweep puts the delivery on the queue again then.
 */
export function createDeliver({ db, sender, log, policy }: DeliverOptions): Handler {
  return async ({ id, signal }) => {
    const delivery = await takeDelivery(db, id);
    if (delivery === undefined) return;
    const made = await makeAttempt(sender, delivery, signal);
    if (made === undefined) {
      // One that we broke off ourselves is no attempt.
      await giveBackDelivery(db, id);
      throw new GivenBack(`Delivery ${id} was broken off by a shutdown.`);
    }
    const attempt = delivery.attempts + 1;
    const { result } = made;
    const isPermanent = !result.ok && result.permanent === true;
    const outlook = {
      last: isPermanent || attempt >= policy.attempts,
      nextIn: backoffAfter(policy, attempt),
    };
    const state = await recordAttempt(db, id, made, outlook);
    const facts = { delivery: id, attempt, status: result.status, ms: Math.round(made.duration), state };
    if (result.ok) log.info(facts, 'webhook delivered');
    else log.warn({ ...facts, error: result.error }, 'webhook not delivered');
  };
}

async function makeAttempt(
  sender: Sender,
  delivery: TakenDelivery,
  signal: AbortSignal,
): Promise<Attempt | undefined> {
  const startedAt = new Date();
  const begun = performance.now();
  const { url, payload } = delivery;
  const call = { url, headers: signDelivery(delivery, startedAt), body: payload };
  const result = await sender.send(call, signal).catch((reason: unknown): undefined => {
    if (!signal.aborted) throw reason;
  });
  return result && { startedAt, duration: performance.now() - begun, result };
}
