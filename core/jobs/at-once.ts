import type { Plan } from '../recipe/plan.ts';
import type { ComposedChart } from './composed.ts';

/**
 * Composes a plan out of what is in memory.
 * @returns nothing where something would have to be fetched first
 * @throws what is wrong with the plan or its sources
 */
export type ComposeAtHand = (plan: Plan) => Promise<ComposedChart | undefined>;

/** Who composes in this process before anything is written down. */
export interface AtOnce {
  /**
   * Offers to compose.
   * @param most charts that are composed or stored at a time: all of them are in memory
   * @returns what withdraws the offer
   */
  offer(compose: ComposeAtHand, most: number): () => void;
  /** @returns nothing where nobody offers to compose, or no hand is free */
  takeHand(): Hand | undefined;
}

/** Room for one chart. */
export interface Hand {
  compose: ComposeAtHand;
  /** Gives the room to another; what was composed is stored by then, or given up. */
  leave(): void;
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
    takeHand() {
      const offer = offered;
      if (!offer || offer.free === 0) return undefined;
      offer.free -= 1;
      return {
        compose: offer.compose,
        leave: () => {
          offer.free += 1;
        },
      };
    },
  };
}
