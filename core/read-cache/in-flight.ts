import { RegistryError } from '../errors.ts';

/** Bytes of answers that are in memory until their clients have read them. */
export interface InFlight {
  /**
   * Lets an answer be made while there is room for it.
   * @throws {RegistryError} `service.busy` while more is held than may be
   */
  admit(): void;
  /**
   * Counts a body until it is released; one that several clients are sent is counted once.
   * @returns what releases it, called once
   */
  hold(body: Uint8Array): () => void;
  /** Counts bytes that belong to one answer alone. @returns what releases them, called once */
  add(bytes: number): () => void;
  /** Bytes that are held now. */
  bytes(): number;
}

/** @param maxBytes may be passed by the answers that were being made when it was reached */
export function createInFlight(maxBytes: number): InFlight {
  const holders = new Map<Uint8Array, number>();
  let held = 0;

  function release(body: Uint8Array): void {
    const left = (holders.get(body) ?? 1) - 1;
    if (left > 0) {
      holders.set(body, left);
      return;
    }
    holders.delete(body);
    held -= body.length;
  }

  return {
    admit() {
      if (held <= maxBytes) return;
      throw new RegistryError(
        'service.busy',
        'Answers that other clients have not read yet take all the memory there is for them. Try again in a few seconds.',
      );
    },
    hold(body) {
      const before = holders.get(body) ?? 0;
      if (before === 0) held += body.length;
      holders.set(body, before + 1);
      return () => release(body);
    },
    add(bytes) {
      held += bytes;
      return () => {
        held -= bytes;
      };
    },
    bytes: () => held,
  };
}
