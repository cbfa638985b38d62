import { RegistryError } from '../../errors.ts';

/**
 * Fair queue: serves spaces in turn, so that a flood of one space does not delay the others. Where something else than a
 * space is to be served in turn, such as the networks of clients, it takes the place of the space.
 */
export interface FairQueue<Item> {
  /**
   * Adds an item at the end of its space.
   * @param isBounded false for items that are limited elsewhere; no limit of the queue applies to them
   * @throws {RegistryError} `service.busy` when too many items wait, of the space or in all
   */
  add(space: string, item: Item, isBounded?: boolean): void;
  /** Returns an item as the very next one: its space has not had its turn. */
  requeue(space: string, item: Item): void;
  /** Removes an item that waits no longer; nothing happens when it has been taken. */
  remove(space: string, item: Item): void;
  /** Removes the next item; undefined when the queue is empty. */
  take(): { space: string; item: Item } | undefined;
}

/** Limits of a fair queue. */
export interface FairQueueLimits {
  /** Plural noun for the waiting items, for the error's message. */
  waiting: string;
  /** Subject of the error's message where turns are not those of spaces: `Your network`. */
  subject?: string;
  maxPerSpace: number;
  maxTotal: number;
}

/** Creates an empty fair queue. @param limits absent where the callers are limited elsewhere */
export function createFairQueue<Item>(limits?: FairQueueLimits): FairQueue<Item> {
  const spaces = new Map<string, Item[]>();
  // Spaces with items in the order of their turns; a space goes to the end when an item of it is removed.
  const turns: string[] = [];
  let total = 0;

  return {
    add(space, item, isBounded = true) {
      const before = spaces.get(space)?.length ?? 0;
      if (limits && isBounded) {
        if (total >= limits.maxTotal) throw tooManyWaitingError('The registry', limits.waiting);
        if (before >= limits.maxPerSpace)
          throw tooManyWaitingError(limits.subject ?? subjectOf(space), limits.waiting);
      }
      const list = spaces.get(space);
      if (list) list.push(item);
      else {
        spaces.set(space, [item]);
        turns.push(space);
      }
      total += 1;
    },
    requeue(space, item) {
      const list = spaces.get(space);
      if (list) {
        list.unshift(item);
        turns.splice(turns.indexOf(space), 1);
      } else spaces.set(space, [item]);
      turns.unshift(space);
      total += 1;
    },
    remove(space, item) {
      const list = spaces.get(space);
      const place = list?.indexOf(item) ?? -1;
      if (!list || place < 0) return;
      list.splice(place, 1);
      total -= 1;
      if (list.length > 0) return;
      spaces.delete(space);
      turns.splice(turns.indexOf(space), 1);
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

/** Names whose items wait. Those of no space, such as lists of the whole registry, have an empty name. */
function subjectOf(space: string): string {
  return space === '' ? 'The registry' : `Space ${space}`;
}

function tooManyWaitingError(subject: string, waiting: string): RegistryError {
  return new RegistryError('service.busy', `${subject} has too many ${waiting}. Try again in a few seconds.`);
}
