import type { OpenedSecret, Sealer } from '../core/access/sealer.ts';
import type { Database } from '../core/db/port.ts';
import type { Metrics } from '../core/metrics/metrics.ts';
import { backoffAfter } from '../core/queue/policies.ts';
import { type Handler, ReleasedError, type RetryPolicy } from '../core/queue/port.ts';
import type { Log } from '../core/runtime/log.ts';
import type { Tracing } from '../core/runtime/tracing.ts';
import { openAddress } from '../core/webhooks/addresses.ts';
import { openStoredSecret } from '../core/webhooks/callback-secrets.ts';
import {
  type Attempt,
  type ClaimedDelivery,
  claimDelivery,
  deferDelivery,
  recordAttempt,
  releaseDelivery,
} from '../core/webhooks/deliveries.ts';
import { type PausePolicy, recordWebhookOutcome } from '../core/webhooks/pause.ts';
import type { Sender, SendResult } from '../core/webhooks/send.ts';
import { signDelivery } from '../core/webhooks/sign.ts';
import { createCallTurns } from './call-turns.ts';

/** Dependencies of the delivery handler. */
export interface DeliverOptions {
  db: Database;
  sender: Sender;
  /** Opens the secrets with which calls are signed. */
  sealer: Sealer;
  log: Log;
  /** Number of attempts, and the delays between them. */
  policy: RetryPolicy;
  /** When webhooks of spaces are paused. */
  pausePolicy: PausePolicy;
  metrics: Metrics;
  /** Continues traces of jobs. */
  tracing: Tracing;
}

/** Calls of a process at a time to a receiver that fails: each may hold a slot until its timeout. */
const maxCallsToFailingReceiver = 2;

/** Seconds until a delivery that found no turn is enqueued again. */
const deferSeconds = 20;

/**
 * Creates the queue handler that delivers webhooks: each arrival makes one attempt and records it. The time of the
 * next attempt is stored in the table, and a sweep enqueues the delivery then.
 * A webhook whose calls fail gets few at a time, so that the others do not wait for its timeouts.
 */
export function createDeliverHandler(options: DeliverOptions): Handler {
  const { db } = options;
  const turns = createCallTurns(maxCallsToFailingReceiver);
  return async ({ id, signal }) => {
    const delivery = await claimDelivery(db, id);
    if (delivery === undefined) return;
    const { webhook } = delivery;
    const endTurn = webhook?.isFailing ? turns.take(webhook.id) : () => undefined;
    if (!endTurn) return deferDelivery(db, id, deferSeconds);
    const { traceparent: parent, attempts } = delivery;
    const attributes = { 'webhook.delivery.id': id, 'webhook.attempt': attempts + 1 };
    try {
      await options.tracing.run({ name: 'deliver webhook', kind: 'client', parent, attributes }, () =>
        attemptDelivery(options, delivery, signal),
      );
    } finally {
      endTurn();
    }
  };
}

async function attemptDelivery(
  options: DeliverOptions,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<void> {
  const { db, log } = options;
  const { id } = delivery;
  const made = await makeAttempt(options, delivery, signal);
  if (made === undefined) {
    // A call that the shutdown cut off counts as no attempt.
    await releaseDelivery(db, id);
    throw new ReleasedError(`Delivery ${id} was interrupted by a shutdown.`);
  }
  const { result, durationMs } = made.attempt;
  const decision = decideNextAttempt(options, delivery, result);
  const state = await recordAttempt(
    db,
    id,
    made.attempt,
    decision,
    createResultRecorder(options, delivery, made),
  );
  if (state) options.metrics.tally('webhook_deliveries_total', { outcome: metricOutcomes[state] }).value += 1;
  const number = delivery.attempts + 1;
  const facts = { delivery: id, attempt: number, status: result.status, ms: Math.round(durationMs), state };
  if (result.ok) log.info(facts, 'webhook delivered');
  else {
    options.tracing.noteError(result.error);
    log.warn({ ...facts, error: result.error }, 'webhook not delivered');
  }
}

/** Outcomes of attempts in metrics, by the state in which they leave the delivery. */
const metricOutcomes = { pending: 'retried', succeeded: 'succeeded', failed: 'failed' } as const;

/** Attempt, and whether the receiver was called in it. */
interface MadeAttempt {
  attempt: Attempt;
  isCall: boolean;
}

function decideNextAttempt(
  { policy }: DeliverOptions,
  { attempts, webhook }: ClaimedDelivery,
  result: SendResult,
) {
  const attempt = attempts + 1;
  const isPermanent = !result.ok && result.permanent === true;
  return {
    last: isPermanent || webhook?.isTest === true || attempt >= policy.attempts,
    nextInMs: backoffAfter(policy, attempt),
  };
}

/** Returns what records the result of a call for its webhook; test calls do not count. */
function createResultRecorder(
  { pausePolicy }: DeliverOptions,
  { webhook }: ClaimedDelivery,
  { attempt, isCall }: MadeAttempt,
) {
  if (!webhook || webhook.isTest || !isCall) return undefined;
  return (tx: Parameters<typeof recordWebhookOutcome>[0]) =>
    recordWebhookOutcome(tx, webhook.id, attempt, pausePolicy);
}

async function makeAttempt(
  { sender, sealer, tracing }: DeliverOptions,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<MadeAttempt | undefined> {
  const startedAt = new Date();
  const startedAtMs = performance.now();
  const { id, url, payload, webhook } = delivery;
  const refused = (result: SendResult) => ({ attempt: { startedAt, durationMs: 0, result }, isCall: false });
  if (webhook?.isPaused && !webhook.isTest) return refused(pausedResult);
  const opened = await Promise.all(
    delivery.sealedSecrets.map((secret) => openStoredSecret(sealer, delivery.sealedFor, secret)),
  );
  const [newest, previous] = opened;
  const isWebhook = webhook !== undefined;
  const address = await openAddress(sealer, url, delivery.addressSealedFor);
  if (address.kind !== 'opened') return refused(explainUnopened(address, 'address', isWebhook));
  if (newest && newest.kind !== 'opened') return refused(explainUnopened(newest, 'secret', isWebhook));
  const secret = newest?.text;
  const previousSecret = previous?.kind === 'opened' ? previous.text : undefined;
  const traceparent = tracing.traceparent();
  const call = {
    url: address.text,
    headers: {
      ...signDelivery({ id, payload, secret, previousSecret }, startedAt),
      ...(traceparent === undefined ? {} : { traceparent }),
    },
    body: payload,
  };
  const result = await sender.send(call, signal).catch((reason: unknown): undefined => {
    if (!signal.aborted) throw reason;
  });
  const durationMs = performance.now() - startedAtMs;
  return result && { attempt: { startedAt, durationMs, result }, isCall: true };
}

const pausedResult: SendResult = {
  ok: false,
  permanent: true,
  error: 'Not called, since the webhook is paused. Resume the webhook, then replay this delivery.',
};

/**
 * Explains why a call is not made: its receiver expects a signature, or its address is not known.
 * With a missing key it is tried again like any other, since the operator may have forgotten to keep the key.
 */
function explainUnopened(
  opened: Exclude<OpenedSecret, { kind: 'opened' }>,
  part: 'address' | 'secret',
  isWebhook: boolean,
): SendResult {
  const sealed = `${isWebhook ? "the webhook's" : "the callback's"} ${part}`;
  const effect = part === 'secret' ? 'it cannot be signed' : 'nobody knows where to';
  if (opened.kind === 'keyMissing') {
    return {
      ok: false,
      error: `Not called, since ${effect}: ${sealed} was sealed with the key "${opened.keyId}", which this registry no longer has. Its operator must put that key back, into AUTH_KEYS_FILE or the table auth_keys.`,
    };
  }
  const remedy = isWebhook
    ? `Give the webhook a new ${part}, then replay this delivery.`
    : 'Send the recipe again, with its callback.';
  return {
    ok: false,
    permanent: true,
    error: `Not called, since ${effect}: ${sealed}, as the database has it, was changed after it was sealed. ${remedy}`,
  };
}
