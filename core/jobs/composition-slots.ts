import type { Plan } from '../recipe/plan.ts';
import type { ComposedChart } from './composed.ts';

/**
 * Composes a plan out of what is in memory.
 * @returns nothing where something would have to be fetched first
 * @throws what is wrong with the plan or its sources
 */
export type ComposeFromCache = (plan: Plan) => Promise<ComposedChart | undefined>;

/** One of those that compose at a time. It is taken until what it has composed is in nobody's memory any more. */
export interface Slot {
  compose: ComposeFromCache;
  /** Called once. */
  release(): void;
}

/** What a process can compose before anything is written down. */
export interface CompositionSlots {
  /**
   * A worker of this process, or its composer, offers to compose.
   * @param maxSlots hands
   * @returns what withdraws the offer
   */
  offer(compose: ComposeFromCache, maxSlots: number): () => void;
  /** @returns nothing where nobody offers to compose, or no hand is free */
  tryAcquire(): Slot | undefined;
}

export function createCompositionSlots(): CompositionSlots {
  let offered: { compose: ComposeFromCache; free: number } | undefined;
  return {
    offer(compose, maxSlots) {
      const offer = { compose, free: maxSlots };
      offered = offer;
      return () => {
        if (offered === offer) offered = undefined;
      };
    },
    tryAcquire() {
      const offer = offered;
      if (!offer || offer.free === 0) return undefined;
      offer.free -= 1;
      return {
        compose: offer.compose,
        release: () => {
          offer.free += 1;
        },
      };
    },
  };
}
