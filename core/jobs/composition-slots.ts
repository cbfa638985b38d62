import type { Plan } from '../recipe/plan.ts';
import type { ComposedChart } from './composed.ts';

/**
 * Composes a plan from cached sources only.
 * @returns undefined when a source would have to be fetched first
 * @throws the fault of the plan or of its sources
 */
export type ComposeFromCache = (plan: Plan) => Promise<ComposedChart | undefined>;

/** A composition slot, held until the composed archive is out of memory. */
export interface CompositionSlot {
  compose: ComposeFromCache;
  /** Frees the slot; to be called once. */
  release(): void;
}

/** Slots for inline composition in this process. */
export interface CompositionSlots {
  /**
   * Registers the function that composes, for a worker or composer of this process.
   * @param maxSlots compositions at a time
   * @returns a function that unregisters it
   */
  offer(compose: ComposeFromCache, maxSlots: number): () => void;
  /** @returns undefined when this process cannot compose, or no slot is free */
  tryAcquire(): CompositionSlot | undefined;
}

/** Creates the slots of a process; there are none until a worker or composer offers them. */
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
