import { RegistryError } from '../errors.ts';
import { piecesOf, type ResponseBody } from './body.ts';

/** Bytes of responses in memory that clients have not read yet. */
export interface InFlight {
  /**
   * Checks that there is room to make another response.
   * @throws {RegistryError} `service.busy` while more bytes are in flight than `maxBytes`
   */
  admit(): void;
  /**
   * Counts a body until it is released; a piece that several clients receive counts once.
   * @returns a function to release it, to be called once
   */
  hold(body: ResponseBody): () => void;
  /** Counts bytes of a single response. @returns a function to release them, to be called once */
  add(bytes: number): () => void;
  /** Bytes in flight. */
  bytes(): number;
}

/**
 * Creates a counter of bytes in flight.
 * @param maxBytes limit; responses that were being made when it was reached may exceed it
 */
export function createInFlight(maxBytes: number): InFlight {
  const holders = new Map<Uint8Array, number>();
  let inFlight = 0;

  function hold(piece: Uint8Array): void {
    const before = holders.get(piece) ?? 0;
    if (before === 0) inFlight += piece.length;
    holders.set(piece, before + 1);
  }

  function release(piece: Uint8Array): void {
    const remaining = (holders.get(piece) ?? 1) - 1;
    if (remaining > 0) {
      holders.set(piece, remaining);
      return;
    }
    holders.delete(piece);
    inFlight -= piece.length;
  }

  return {
    admit() {
      if (inFlight <= maxBytes) return;
      throw new RegistryError(
        'service.busy',
        'Responses that other clients have not read yet use all the memory reserved for them. Try again in a few seconds.',
      );
    },
    hold(body) {
      const pieces = piecesOf(body);
      for (const piece of pieces) hold(piece);
      return () => {
        for (const piece of pieces) release(piece);
      };
    },
    add(bytes) {
      inFlight += bytes;
      return () => {
        inFlight -= bytes;
      };
    },
    bytes: () => inFlight,
  };
}
