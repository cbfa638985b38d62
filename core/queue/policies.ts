import type { QueueName, RetryPolicy } from './port.ts';

const second = 1_000;
const hour = 3_600 * second;

// What fails here and may succeed later is a database or a store that is away for a moment: 4 minutes in all, and seconds
// after it is back. What a job meets then decides whether it is given up or put on the queue anew (worker/job-failure.ts).
const untilBack: RetryPolicy = { attempts: 20, backoff: 500, longest: 15 * second };

/** How often and how long the queue tries when a handler throws. */
export const retryPolicies: Record<QueueName, RetryPolicy> = {
  orchestrations: untilBack,
  deliveries: untilBack,
  // It comes again by itself.
  upkeep: { attempts: 3, backoff: 5 * second, longest: 60 * second },
};

/**
 * How often a call is made until it is received, and when: the other side may be down for a night, so 12 attempts over 20
 * hours. PostgreSQL counts them, whatever becomes of the queue meanwhile.
 */
export const callPolicy: RetryPolicy = { attempts: 12, backoff: 35 * second, longest: 12 * hour };

/** Milliseconds to wait after the attempt of this number (1 for the first) has failed. */
export function backoffAfter({ backoff, longest }: RetryPolicy, attempt: number): number {
  return Math.min(longest, backoff * 2 ** (attempt - 1));
}
