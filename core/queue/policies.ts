import type { QueueName, RetryPolicy } from './port.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** How often and how long the queue tries. */
export const retryPolicies: Record<QueueName, RetryPolicy> = {
  // What fails here and may succeed later is a database or a store that is away for a moment: 4 minutes in all.
  orchestrations: { attempts: 10, backoff: 500, longest: minute },
  // The other side may be down for a night: 12 attempts over 20 hours.
  deliveries: { attempts: 12, backoff: 35 * second, longest: 12 * hour },
  // It comes again by itself.
  upkeep: { attempts: 3, backoff: 5 * second, longest: minute },
};

/** Milliseconds to wait after the attempt of this number (1 for the first) has failed. */
export function backoffAfter({ backoff, longest }: RetryPolicy, attempt: number): number {
  return Math.min(longest, backoff * 2 ** (attempt - 1));
}
