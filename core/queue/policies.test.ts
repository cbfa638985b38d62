import { describe, expect, it } from 'vitest';
import { backoffAfter, retryPolicies } from './policies.ts';
import type { QueueName } from './port.ts';

describe('retry policies', () => {
  const waits = (queue: QueueName) => {
    const policy = retryPolicies[queue];
    return Array.from({ length: policy.attempts - 1 }, (_, n) => backoffAfter(policy, n + 1));
  };
  const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);

  it('doubles from the first wait up to the longest', () => {
    expect(waits('orchestrations')).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('tries a delivery for about 20 hours', () => {
    const hours = sum(waits('deliveries')) / 3_600_000;
    expect(hours).toBeGreaterThan(19);
    expect(hours).toBeLessThan(21);
  });
});
