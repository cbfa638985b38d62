import { type ByteCache, createByteCache } from '../byte-cache.ts';
import type { SpaceState, SpaceStates } from './space-state.ts';

/** A document that is ready to be sent. */
export interface Answer {
  body: Uint8Array<ArrayBuffer>;
  /** A strong validator (RFC 9110 section 8.8.3), quotes included; absent where there is no state that it could name. */
  etag?: string;
}

/**
 * Documents about spaces, ready-made, as they are at this moment: each reader learns of the space's state anew, by a query
 * that it shares with the others, and is given what was made for that state.
 */
export interface Answers {
  /**
   * @param what the document is, within its space
   * @param make the document's text, from the database; called when none is there for the space's state
   * @throws what `make` throws
   */
  read(space: string, what: string, make: () => Promise<string>): Promise<Answer>;
}

interface Kept {
  state: string;
  answer: Promise<Answer>;
}

/** @param limit bytes that are kept */
export function createAnswers(states: SpaceStates, limit: number): Answers {
  const cache: ByteCache<Kept> = createByteCache(limit);

  return {
    async read(space, what, make) {
      const state = await states.read(space);
      // There may be one by now; in any case `make` knows what to say.
      if (!state) return { body: encode(await make()) };
      const key = `${space} ${what}`;
      const kept = cache.get(key);
      if (kept?.state === state.key) return kept.answer;
      return makeFor(state, key, make);
    },
  };

  function makeFor(state: SpaceState, key: string, make: () => Promise<string>): Promise<Answer> {
    // What is made now is of this state or a later one: right for whoever asks for this one until it is made.
    const making = make().then((text) => {
      const answer: Answer = { body: encode(text), etag: `"${state.key}"` };
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

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
