/** Lists that were on the page before: they may be old. */
const shown = new WeakSet<object>();

/** Notes that a list is on the page. @returns whether it was there before */
export function noteShown(list: object): boolean {
  const wasShown = shown.has(list);
  shown.add(list);
  return wasShown;
}
