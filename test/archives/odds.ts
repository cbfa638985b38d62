import type { Random } from '../support/random.ts';

/** Draws true with a chance of 1 in `times`. */
export function once(random: Random, times: number): boolean {
  return random.between(1, times) === 1;
}

/** Draws a whole number from 0 to `limit`, exclusive. */
export function below(random: Random, limit: number): number {
  return random.between(0, limit - 1);
}
