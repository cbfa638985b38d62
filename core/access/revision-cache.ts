import { LRUCache } from 'lru-cache';

/**
 * Reads something by its id, as of a revision of access or later.
 * @param revision as it was read for the request; what was read for another one is read anew
 */
export type ReadAtRevision<T> = (id: string, revision: string) => Promise<T | undefined>;

/** Ids that one process remembers. */
const maxRemembered = 10_000;

/** Creates a reader that remembers what it found. Absent things are not remembered: a stranger could name many. */
export function createRevisionCache<T extends object>(
  read: (id: string) => Promise<T | undefined>,
): ReadAtRevision<T> {
  const remembered = new LRUCache<string, { revision: string; found: Promise<T | undefined> }>({
    max: maxRemembered,
  });
  return (id, revision) => {
    const known = remembered.get(id);
    if (known?.revision === revision) return known.found;
    // The result may be newer than the revision, which is correct for its readers too.
    const found = read(id);
    const entry = { revision, found };
    remembered.set(id, entry);
    const forget = () => {
      if (remembered.peek(id) === entry) remembered.delete(id);
    };
    found.then((value) => value ?? forget(), forget);
    return found;
  };
}
