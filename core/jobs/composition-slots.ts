import type { Plan } from '../recipe/plan.ts';
import type { ComposedChart } from './composed.ts';

/**
 * Composes a plan out of what is in memory.
 * @returns nothing where something would have to be fetched first
 * @throws what is wrong with the plan or its sources
 */
export type ComposeAtHand = (plan: Plan) => Promise<ComposedChart | undefined>;

/** One of those that compose at a time. It is taken until what it has composed is in nobody's memory any more. */
export interface Hand {
  compose: ComposeAtHand;
  /** Called once. */
  letGo(): void;
}

/** What a process can compose before anything is written down. */
export interface AtOnce {
  /**
   * A worker of this process, or its composer, offers to compose.
   * @param most hands
   * @returns what withdraws the offer
   */
  offer(compose: ComposeAtHand, most: number): () => void;
  /** @returns nothing where nobody offers to compose, or no hand is free */
  take(): Hand | undefined;
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
    take() {
      const offer = offered;
      if (!offer || offer.free === 0) return undefined;
      offer.free -= 1;
      return {
        compose: offer.compose,
        letGo: () => {
          offer.free += 1;
        },
      };
    },
  };
}
