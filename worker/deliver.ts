import type { Opened, Sealer } from '../core/access/sealer.ts';
import type { Database } from '../core/db/port.ts';
import { backoffAfter } from '../core/queue/policies.ts';
import { type Handler, ReleasedError, type RetryPolicy } from '../core/queue/port.ts';
import type { Log } from '../core/runtime/log.ts';
import { openSecret } from '../core/webhooks/callback-secrets.ts';
import {
  type Attempt,
  type ClaimedDelivery,
  claimDelivery,
  recordAttempt,
  releaseDelivery,
} from '../core/webhooks/deliveries.ts';
import type { Sender, SendResult } from '../core/webhooks/send.ts';
import { signDelivery } from '../core/webhooks/sign.ts';

/** Dependencies of the delivery handler. */
export interface DeliverOptions {
  db: Database;
  sender: Sender;
  /** Opens the secrets with which calls are signed. */
  sealer: Sealer;
  log: Log;
  /** Number of attempts, and the delays between them. */
  policy: RetryPolicy;
}

/**
 * Creates the queue handler that delivers webhooks: each arrival makes one attempt and records it. The time of the
 * next attempt is stored in the table, and a sweep enqueues the delivery then.
 */
export function createDeliver(options: DeliverOptions): Handler {
  const { db, log, policy } = options;
  return async ({ id, signal }) => {
    const delivery = await claimDelivery(db, id);
    if (delivery === undefined) return;
    const attempted = await makeAttempt(options, delivery, signal);
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
  { sender, sealer }: DeliverOptions,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<Attempt | undefined> {
  const startedAt = new Date();
  const startedAtMs = performance.now();
  const { id, jobId, url, sealedSecret, payload } = delivery;
  const opened = sealedSecret === undefined ? undefined : await openSecret(sealer, jobId, sealedSecret);
  if (opened && opened.kind !== 'opened') return { startedAt, duration: 0, result: refuseUnsigned(opened) };
  const call = {
    url,
    headers: signDelivery({ id, payload, secret: opened?.text }, startedAt),
    body: payload,
  };
  const result = await sender.send(call, signal).catch((reason: unknown): undefined => {
    if (!signal.aborted) throw reason;
  });
  return result && { startedAt, duration: performance.now() - startedAtMs, result };
}

/**
 * Explains why a call is not made: its receiver expects a signature.
 * With a missing key it is tried again like any other, since the operator may have forgotten to keep the key.
 */
function refuseUnsigned(opened: Exclude<Opened, { kind: 'opened' }>): SendResult {
  if (opened.kind === 'keyMissing') {
    return {
      ok: false,
      error: `Not called, since it cannot be signed: the callback's secret was sealed with the key "${opened.keyId}", which this registry does not have any more. Its operator must put that key back, into AUTH_KEYS_FILE or the table auth_keys.`,
    };
  }
  return {
    ok: false,
    permanent: true,
    error:
      "Not called, since it cannot be signed: the callback's secret, as the database has it, was changed after it was sealed. Send the recipe again, with its callback.",
  };
}
