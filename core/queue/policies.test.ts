import { describe, expect, it } from 'vitest';
import { backoffAfter, callPolicy, retryPolicies } from './policies.ts';
import type { RetryPolicy } from './port.ts';

describe('retry policies', () => {
  const waits = (policy: RetryPolicy) =>
    Array.from({ length: policy.attempts - 1 }, (_, n) => backoffAfter(policy, n + 1));
  const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);

  it('doubles from the first wait up to the longest', () => {
    const waited = waits(retryPolicies.orchestrations);
    expect(waited.slice(0, 7)).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(sum(waited)).toBeGreaterThan(200_000);
  });

  it('makes a call for about 20 hours', () => {
    const hours = sum(waits(callPolicy)) / 3_600_000;
    expect(hours).toBeGreaterThan(19);
    expect(hours).toBeLessThan(21);
  });
});
