/** Lists that were on the page before: they may be old. */
const shownLists = new WeakSet<object>();

/** Marks a list as shown on the page. @returns whether it was there before */
export function markListShown(list: object): boolean {
  const wasShown = shownLists.has(list);
  shownLists.add(list);
  return wasShown;
}
