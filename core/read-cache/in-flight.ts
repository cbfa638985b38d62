import { setImmediate } from 'node:timers/promises';
import { RegistryError } from '../errors.ts';
import { createFairLimiter, type WaitingClient } from '../runtime/threads/fair-limiter.ts';
import { piecesOf, type ResponseBody } from './body.ts';

/** Bytes of responses in memory that clients have not read yet. */
export interface InFlight {
  /**
   * Checks that there is room to make another response.
   * @throws {RegistryError} `service.busy` while more bytes are in flight than `maxBytes`
   */
  admit(): void;
  /**
   * Checks as `admit`, once the responses that are ready have been counted. Call it in a turn of work that is
   * limited elsewhere, such as that of a thread: requests that came together were all admitted on arrival.
   */
  admitInTurn(): Promise<void>;
  /**
   * Makes a response when few others are being made, and there is room. Spaces take turns. Read the database in it and
   * nothing else: a turn that waits for a thread holds up the lists of all spaces, and one that waits for another turn
   * may wait for ever.
   * @param space that it is about; empty for the whole registry
   * @param client leaves the queue when it disconnects
   * @throws {RegistryError} `service.busy` without room, or when too many wait; {WaitAbandoned}; the errors of `build`
   */
  make<T>(space: string, build: () => Promise<T>, client?: WaitingClient): Promise<T>;
  /**
   * Counts a body until it is released; a piece that several clients receive counts once.
   * @returns a function to release it, to be called once
   */
  hold(body: ResponseBody): () => void;
  /** Counts bytes of a single response. @returns a function to release them, to be called once */
  add(bytes: number): () => void;
  /**
   * Counts bytes that are made, or about to be, and not sent yet.
   * @returns a function to release them, to be called once; it does so when the response itself has been counted
   */
  addUnsent(bytes: number): () => void;
  /**
   * Counts a body that is made and not sent yet, together with the clients that get it.
   * @returns a function to release it, to be called once; it does so when the response itself has been counted
   */
  holdUnsent(body: ResponseBody): () => void;
  /** Bytes in flight. */
  bytes(): number;
}

/** Responses that `make` makes at a time. Each may exceed the limit by its size. */
const maxResponsesInMaking = 8;

/** Limits of responses that wait to be made. */
const waitingLimits = {
  waiting: 'lists and documents that wait to be made',
  maxPerSpace: 500,
  maxTotal: 2_000,
};

/**
 * Creates a counter of bytes in flight.
 * @param maxBytes limit; responses that were being made when it was reached may exceed it
 */
export function createInFlight(maxBytes: number): InFlight {
  const holders = new Map<Uint8Array, number>();
  const making = createFairLimiter(waitingLimits, maxResponsesInMaking);
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

  function admit(): void {
    if (inFlight <= maxBytes) return;
    throw new RegistryError(
      'service.busy',
      'Responses that other clients have not read yet use all the memory reserved for them. Try again in a few seconds.',
    );
  }

  async function admitInTurn(): Promise<void> {
    // A response is counted when it is sent, which is within the turn of the event loop in which it is ready.
    await setImmediate();
    admit();
  }

  function add(bytes: number): () => void {
    inFlight += bytes;
    return () => {
      inFlight -= bytes;
    };
  }

  function holdBody(body: ResponseBody): () => void {
    const pieces = piecesOf(body);
    for (const piece of pieces) hold(piece);
    return () => {
      for (const piece of pieces) release(piece);
    };
  }

  return {
    admit,
    admitInTurn,
    make: (space, build, client) =>
      making.run(
        space,
        async () => {
          await admitInTurn();
          return build();
        },
        client,
      ),
    hold: holdBody,
    holdUnsent(body) {
      const release = holdBody(body);
      return () => void setImmediate().then(release);
    },
    add,
    addUnsent(bytes) {
      const subtract = add(bytes);
      return () => void setImmediate().then(subtract);
    },
    bytes: () => inFlight,
  };
}
