import type { Plan } from '../recipe/plan.ts';
import type { CompositionResult } from './composed.ts';

/**
 * Composes a plan on the event loop.
 * @returns undefined when the plan is heavy, or a source is not in memory
 * @throws the fault of the plan or of its sources
 */
export type ComposeOnEventLoop = (plan: Plan) => Promise<CompositionResult | undefined>;

/** A composition slot, held until the composed archive is out of memory. */
export interface CompositionSlot {
  /** Composes a plan. @returns undefined also where the archive would exceed the memory for archives */
  compose: ComposeOnEventLoop;
  /** Frees the slot; to be called once. */
  release(): void;
}

/** Slots for inline composition in this process. Slots bound the memory of archives that wait for the store. */
export interface CompositionSlots {
  /**
   * Registers the function that composes, for a worker or composer of this process.
   * @param maxSlots compositions at a time; default 64
   * @returns a function that unregisters it
   */
  offer(compose: ComposeOnEventLoop, maxSlots?: number): () => void;
  /** @returns undefined when this process cannot compose, or no slot is free */
  tryAcquire(): CompositionSlot | undefined;
}

/** Compositions of a process at a time; a burst of requests is composed rather than queued. */
const defaultSlots = 64;

/** Bytes of composed archives that may wait for the store: 64 MiB. */
const maxWaitingArchiveBytes = 64 * 1024 * 1024;

/** Creates the slots of a process. There are none until a worker or composer offers them. */
export function createCompositionSlots(): CompositionSlots {
  let offered: { compose: ComposeOnEventLoop; free: number } | undefined;
  let bytes = 0;
  return {
    offer(compose, maxSlots = defaultSlots) {
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
      let held = 0;
      return {
        async compose(plan) {
          const composed = await offer.compose(plan);
          const size = composed?.archive.size ?? 0;
          if (bytes + size > maxWaitingArchiveBytes) return undefined;
          held = size;
          bytes += size;
          return composed;
        },
        release() {
          offer.free += 1;
          bytes -= held;
        },
      };
    },
  };
}
