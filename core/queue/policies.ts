import type { QueueName, RetryPolicy } from './port.ts';

const secondMs = 1_000;
const hourMs = 3_600 * secondMs;

// Outages of a database or a store: retries for 4 minutes in all, and within seconds after it is back. After
// that, worker/job-failure.ts decides whether the job fails or is enqueued again.
const outagePolicy: RetryPolicy = { attempts: 20, backoffMs: 500, maxDelayMs: 15 * secondMs };

/** Retry policies of the queues, for handlers that throw. */
export const retryPolicies: Record<QueueName, RetryPolicy> = {
  orchestrations: outagePolicy,
  deliveries: outagePolicy,
  // The schedule runs it again anyway.
  upkeep: { attempts: 3, backoffMs: 5 * secondMs, maxDelayMs: 60 * secondMs },
};

/**
 * Retry policy of deliveries: 12 attempts over 20 hours, since a receiver may be down for a night. PostgreSQL
 * counts the attempts, so losing the queue does not restart them.
 */
export const deliveryPolicy: RetryPolicy = {
  attempts: 12,
  backoffMs: 35 * secondMs,
  maxDelayMs: 12 * hourMs,
};

/** Returns the milliseconds to wait after attempt `attempt` (1 for the first) has failed. */
export function backoffAfter({ backoffMs, maxDelayMs }: RetryPolicy, attempt: number): number {
  return Math.min(maxDelayMs, backoffMs * 2 ** (attempt - 1));
}
