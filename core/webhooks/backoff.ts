import type { RetryPolicy } from '../queue/port.ts';

/**
 * Milliseconds that the queue waits after the attempt with this number (1 is the first) before it makes the next one.
 * The one place that knows it, for whoever has to say when a delivery is overdue.
 */
export function backoffOf(policy: RetryPolicy, attempt: number): number {
  return policy.backoff * 2 ** (attempt - 1);
}
