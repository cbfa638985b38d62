import type { Plan } from '../recipe/plan.ts';
import type { ComposedChart } from './composed.ts';

/**
 * Composes a plan out of what is in memory.
 * @returns nothing where something would have to be fetched first
 * @throws what is wrong with the plan or its sources
 */
export type ComposeAtHand = (plan: Plan) => Promise<ComposedChart | undefined>;

/** What a process can compose before anything is written down, since it works on what it accepts. */
export interface AtOnce {
  /**
   * A worker of this process offers to compose.
   * @param most plans at a time
   * @returns what withdraws the offer
   */
  offer(compose: ComposeAtHand, most: number): () => void;
  /**
   * @returns nothing where nobody offers to, or not for so many at a time, or it is not at hand
   * @throws as {@link ComposeAtHand} does
   */
  compose(plan: Plan): Promise<ComposedChart | undefined>;
}

export function createAtOnce(): AtOnce {
  let offered: { compose: ComposeAtHand; free: number } | undefined;
  return {
    offer(compose, most) {
      const offer = { compose, free: most };
      offered = offer;
      return () => {
        if (offered === offer) offered = undefined;
      };
    },
    async compose(plan) {
      const offer = offered;
      if (!offer || offer.free === 0) return undefined;
      offer.free -= 1;
      try {
        return await offer.compose(plan);
      } finally {
        offer.free += 1;
      }
    },
  };
}
