import { createByteCache } from '../runtime/byte-cache.ts';
import { type CacheMeter, createCacheMeter } from '../runtime/cache-meter.ts';
import type { WaitingClient } from '../runtime/threads/fair-limiter.ts';
import { createSharedClient, type SharedClient } from '../runtime/threads/shared-client.ts';
import type { SpaceState, SpaceStates } from './space-state.ts';

/**
 * Cache of values about spaces, each valid for one state of its space. Each reader gets the current state by a query
 * that it shares with others, and the value for that state.
 */
export interface StateCache<T extends object> {
  /**
   * Returns a value from the cache, or makes it. A value that is made with a state is of that space: one that was made
   * while another space got the name is made again.
   * @param name name of the value within its space
   * @param make makes the value; called without a state for a space that does not exist
   * @param client waits for the value; `make` gets all who do, as one client that disconnects with the last of them
   * @throws the errors of `make`, which are not cached
   */
  read(space: string, name: string, make: MakeValue<T>, client?: WaitingClient): Promise<T>;
}

type MakeValue<T> = (state: SpaceState | undefined, client: WaitingClient | undefined) => Promise<T>;

interface Entry<T> {
  state: string;
  value: Promise<T>;
  /** Clients that wait for the value; absent once it is made. */
  readers?: SharedClient | undefined;
}

/** Value to be made, for a state that its space had. */
interface ValueToMake<T> {
  key: string;
  state: SpaceState;
  make: MakeValue<T>;
  readers: SharedClient;
}

/**
 * Creates a cache of at most `maxBytes`.
 * @param sizeOf bytes of a value; undefined for one that is not kept
 */
export function createStateCache<T extends object>(
  states: SpaceStates,
  maxBytes: number,
  sizeOf: (value: T) => number | undefined,
  meter: CacheMeter = createCacheMeter(),
): StateCache<T> {
  const cache = createByteCache<Entry<T>>(maxBytes);
  meter.bytes = cache.size;

  return {
    async read(space, name, make, client) {
      const state = await states.read(space);
      // The space may exist by now; `make` reports a missing one.
      if (!state) return make(undefined, client);
      const key = `${space} ${name}`;
      const entry = cache.get(key);
      if (entry?.state === state.key) {
        meter.hits += 1;
        entry.readers?.add(client);
        return entry.value;
      }
      meter.misses += 1;
      const readers = createSharedClient();
      readers.add(client);
      return makeAndCache(space, { key, state, make, readers });
    },
  };

  function makeAndCache(space: string, { key, state, make, readers }: ValueToMake<T>): Promise<T> {
    // The result may be newer than `state`, which is correct for all readers of `state` too.
    const making = make(state, readers).then(async (value) => {
      const now = await states.read(space);
      if (now?.id !== state.id) return makeAgain(space, { key, state: now, make, readers });
      if (cache.get(key) === entry) keep(key, entry, sizeOf(value));
      return value;
    });
    const entry: Entry<T> = { state: state.key, value: making, readers };
    cache.set(key, entry, 0);
    const end = () => {
      entry.readers = undefined;
      readers.end();
    };
    making.then(end, () => {
      if (cache.get(key) === entry) cache.delete(key);
      end();
    });
    return making;
  }

  function keep(key: string, entry: Entry<T>, bytes: number | undefined): void {
    if (bytes === undefined) cache.delete(key);
    else cache.set(key, entry, bytes);
  }

  /** Makes a value again whose space was deleted meanwhile; `make` may have found another one by its name. */
  function makeAgain(
    space: string,
    { key, state, make, readers }: Omit<ValueToMake<T>, 'state'> & { state: SpaceState | undefined },
  ): Promise<T> {
    cache.delete(key);
    return state ? makeAndCache(space, { key, state, make, readers }) : make(undefined, readers);
  }
}
