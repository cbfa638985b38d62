import { RegistryError } from '../errors.ts';

/** Queue that gives one space after another its turn, so that the flood of one does not hold the others. */
export interface FairQueue<Item> {
  /**
   * @param isBounded false for what somebody else bounds: it waits behind any number
   * @throws {RegistryError} `service.busy` when too much waits already, of the space or in all
   */
  add(space: string, item: Item, isBounded?: boolean): void;
  /** Puts back what was taken, as the next of its space. */
  putBack(space: string, item: Item): void;
  /** Takes the next item whose turn it is; undefined when none waits. */
  take(): { space: string; item: Item } | undefined;
}

export interface FairQueueLimits {
  /** Plural of what waits, for the error. */
  waiting: string;
  maxPerSpace: number;
  maxTotal: number;
}

export function createFairQueue<Item>({ waiting, maxPerSpace, maxTotal }: FairQueueLimits): FairQueue<Item> {
  // A space goes to the end of the map when an item of it was taken.
  const spaces = new Map<string, Item[]>();
  let total = 0;

  function listOf(space: string): Item[] {
    const list = spaces.get(space) ?? [];
    spaces.set(space, list);
    return list;
  }

  return {
    add(space, item, isBounded = true) {
      const before = spaces.get(space)?.length ?? 0;
      if (isBounded && total >= maxTotal) throw busy('The registry', waiting);
      if (isBounded && before >= maxPerSpace) throw busy(`Space ${space}`, waiting);
      listOf(space).push(item);
      total += 1;
    },
    putBack(space, item) {
      listOf(space).unshift(item);
      total += 1;
    },
    take() {
      for (const [space, list] of spaces) {
        spaces.delete(space);
        const item = list.shift();
        if (item === undefined) continue;
        total -= 1;
        if (list.length > 0) spaces.set(space, list);
        return { space, item };
      }
      return undefined;
    },
  };
}

function busy(who: string, waiting: string): RegistryError {
  return new RegistryError('service.busy', `${who} has too many ${waiting}. Try again in a few seconds.`);
}
