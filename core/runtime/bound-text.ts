/** Characters that a message of an error has at most. */
export const maxMessage = 2_000;

/** Characters of a text, and entries of a list or map, in the details of an error. */
const maxText = 500;
const maxEntries = 100;

/** Cuts a text that quotes what strangers sent; never inside a surrogate pair, which could not be stored. */
export function boundText(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Cuts the texts, lists and maps of plain data. Keys that are too long are left out. */
export function boundData(data: unknown): unknown {
  if (typeof data === 'string') return boundText(data, maxText);
  if (Array.isArray(data)) return data.slice(0, maxEntries).map(boundData);
  if (typeof data !== 'object' || data === null) return data;
  const kept = Object.entries(data).filter(([key]) => key.length <= maxText);
  return Object.fromEntries(kept.slice(0, maxEntries).map(([key, value]) => [key, boundData(value)]));
}
