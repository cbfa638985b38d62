import { inTime } from '../in-time.ts';
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
  /** @returns nothing where a job had better be made of it first: it may take long, or fail, and that is to be seen */
  compose(plan: Plan): Promise<ComposedChart | undefined>;
}

/** Milliseconds for which somebody waits without there being a job. */
const patience = 1_000;

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
      const composing = offer
        .compose(plan)
        .catch(() => undefined)
        .finally(() => {
          offer.free += 1;
        });
      return inTime(composing, patience, undefined);
    },
  };
}
