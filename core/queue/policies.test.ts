import { describe, expect, it } from 'vitest';
import { backoffAfter, deliveryPolicy, retryPolicies } from './policies.ts';
import type { RetryPolicy } from './port.ts';

describe('retry policies', () => {
  const waits = (policy: RetryPolicy) =>
    Array.from({ length: policy.attempts - 1 }, (_, n) => backoffAfter(policy, n + 1));
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

  it('doubles the delay of retries from the first up to the maximum', () => {
    const waited = waits(retryPolicies.orchestrations);
    expect(waited.slice(0, 7)).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(sum(waited)).toBeGreaterThan(200_000);
  });

  it('repeats a delivery for about 20 hours', () => {
    const hours = sum(waits(deliveryPolicy)) / 3_600_000;
    expect(hours).toBeGreaterThan(19);
    expect(hours).toBeLessThan(21);
  });
});
