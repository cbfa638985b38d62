import { describe, expect, it } from 'vitest';
import { backoffOf } from './backoff.ts';

describe('backoffOf', () => {
  it('is the policy after the first attempt and doubles from there', () => {
    const policy = { attempts: 5, backoff: 1000 };
    expect([1, 2, 3, 4].map((attempt) => backoffOf(policy, attempt))).toEqual([1000, 2000, 4000, 8000]);
  });
});
