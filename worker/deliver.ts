import type { Logger } from 'pino';
import type { Database } from '../core/db/port.ts';
import { backoffAfter } from '../core/queue/policies.ts';
import type { Handler, RetryPolicy } from '../core/queue/port.ts';
import {
  type Attempt,
  recordAttempt,
  type TakenDelivery,
  takeDelivery,
} from '../core/webhooks/deliveries.ts';
import type { Sender } from '../core/webhooks/send.ts';
import { signDelivery } from '../core/webhooks/sign.ts';

export interface DeliverOptions {
  db: Database;
  sender: Sender;
  log: Pick<Logger, 'info' | 'warn'>;
  /** The policy which the queue of deliveries was made with. */
  policy: RetryPolicy;
}

/**
 * Makes the handler of the queue of deliveries: one arrival is one attempt, recorded whatever comes of it. It throws
 * when the queue should try again and returns when the delivery is final, or was before it arrived.
 */
export function createDeliver({ db, sender, log, policy }: DeliverOptions): Handler {
  return async ({ id, attempt, last, signal }) => {
    const delivery = await takeDelivery(db, id);
    if (delivery === undefined) return;
    const made = await makeAttempt(sender, delivery, signal);
    const { result } = made;
    // An attempt that we broke off ourselves must not be what makes a delivery fail for good: a sweep brings it back.
    const outlook = { last: last && !signal.aborted, nextIn: backoffAfter(policy, attempt) };
    const state = await recordAttempt(db, id, made, outlook);
    const facts = { delivery: id, attempt, status: result.status, ms: Math.round(made.duration), state };
    if (result.ok) {
      log.info(facts, 'webhook delivered');
      return;
    }
    log.warn({ ...facts, error: result.error }, 'webhook not delivered');
    if (state === 'pending') throw new Error(`Delivery ${id}, attempt ${attempt}: ${result.error}`);
  };
}

async function makeAttempt(sender: Sender, delivery: TakenDelivery, signal: AbortSignal): Promise<Attempt> {
  const startedAt = new Date();
  const begun = performance.now();
  const { url, payload } = delivery;
  const call = { url, headers: signDelivery(delivery, startedAt), body: payload };
  const result = await sender.send(call, signal).catch((reason: unknown) => {
    if (!signal.aborted) throw reason;
    return { ok: false as const, error: 'The registry was shut down before the answer was complete.' };
  });
  return { startedAt, duration: performance.now() - begun, result };
}
