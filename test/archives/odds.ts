import type { Random } from '../support/random.ts';

/** True once in so many times, on average. */
export function once(random: Random, times: number): boolean {
  return random.between(1, times) === 1;
}

/** A whole number from 0 up to, not including, the limit. */
export function below(random: Random, limit: number): number {
  return random.between(0, limit - 1);
}
