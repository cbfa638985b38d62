import { type ByteCache, createByteCache } from '../runtime/byte-cache.ts';
import type { InFlight } from './in-flight.ts';
import type { SpaceState, SpaceStates } from './space-state.ts';

/** A document that is ready to be sent. */
export interface Answer {
  body: Uint8Array<ArrayBuffer>;
  /** A strong validator (RFC 9110 section 8.8.3), quotes included; absent where there is no state that it could name. */
  etag?: string;
  /** Where a list goes on that was cut off. */
  next?: number;
}

/** A document as it was made: its text, or the bytes of it. */
export interface Made {
  text: string | Uint8Array<ArrayBuffer>;
  /** Where a list goes on that was cut off. */
  next?: number | undefined;
}

/**
 * Documents about spaces, ready-made, as they are at this moment: each reader learns of the space's state anew, by a query
 * that it shares with the others, and is given what was made for that state.
 */
export interface Answers {
  /**
   * @param what the document is, within its space
   * @param make the document, from the database; called when none is there for the space's state
   * @throws what `make` throws; {RegistryError} `service.busy` where too much is in flight to make one
   */
  read(space: string, what: string, make: () => Promise<string | Made>): Promise<Answer>;
}

interface Kept {
  state: string;
  answer: Promise<Answer>;
}

/** @param limit bytes that are kept */
export function createAnswers(states: SpaceStates, limit: number, inFlight: InFlight): Answers {
  const cache: ByteCache<Kept> = createByteCache(limit);

  return {
    async read(space, what, make) {
      const state = await states.read(space);
      // There may be one by now; in any case `make` knows what to say.
      if (!state) return toAnswer(await make());
      const key = `${space} ${what}`;
      const kept = cache.get(key);
      if (kept?.state === state.key) return kept.answer;
      inFlight.admit();
      return makeFor(state, key, make);
    },
  };

  function makeFor(state: SpaceState, key: string, make: () => Promise<string | Made>): Promise<Answer> {
    // What is made now is of this state or a later one: right for whoever asks for this one until it is made.
    const making = make().then((made) => {
      const answer: Answer = { ...toAnswer(made), etag: `"${state.key}"` };
      if (cache.get(key) === kept) cache.set(key, kept, answer.body.length);
      return answer;
    });
    const kept: Kept = { state: state.key, answer: making };
    cache.set(key, kept, 0);
    making.catch(() => {
      if (cache.get(key) === kept) cache.delete(key);
    });
    return making;
  }
}

function toAnswer(made: string | Made): Answer {
  const { text, next }: Made = typeof made === 'string' ? { text: made } : made;
  const body = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return next === undefined ? { body } : { body, next };
}
