import { RegistryError } from '../../errors.ts';

/** Queue that gives one space after another its turn, so that the flood of one does not hold the others. */
export interface FairQueue<Item> {
  /**
   * @param isBounded false for what somebody else bounds: it waits behind any number
   * @throws {RegistryError} `service.busy` when too much waits already, of the space or in all
   */
  add(space: string, item: Item, isBounded?: boolean): void;
  /** Puts back what was taken, as the very next: its space has not had its turn. */
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
  const spaces = new Map<string, Item[]>();
  // Spaces with items, the one whose turn is next first; one of which an item was taken goes to the end.
  const turns: string[] = [];
  let total = 0;

  return {
    add(space, item, isBounded = true) {
      const before = spaces.get(space)?.length ?? 0;
      if (isBounded && total >= maxTotal) throw busy('The registry', waiting);
      if (isBounded && before >= maxPerSpace) throw busy(`Space ${space}`, waiting);
      const list = spaces.get(space);
      if (list) list.push(item);
      else {
        spaces.set(space, [item]);
        turns.push(space);
      }
      total += 1;
    },
    putBack(space, item) {
      const list = spaces.get(space);
      if (list) {
        list.unshift(item);
        turns.splice(turns.indexOf(space), 1);
      } else spaces.set(space, [item]);
      turns.unshift(space);
      total += 1;
    },
    take() {
      const space = turns.shift();
      const list = space === undefined ? undefined : spaces.get(space);
      const item = list?.shift();
      if (space === undefined || !list || item === undefined) return undefined;
      total -= 1;
      if (list.length > 0) turns.push(space);
      else spaces.delete(space);
      return { space, item };
    },
  };
}

function busy(who: string, waiting: string): RegistryError {
  return new RegistryError('service.busy', `${who} has too many ${waiting}. Try again in a few seconds.`);
}
