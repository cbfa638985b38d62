import { maskTokens } from './mask-tokens.ts';
import { toStorableText } from './storable-text.ts';

/** Longest message of an error, in characters. */
export const maxMessageLength = 2_000;

/** Limits of an error's details: characters of a text, and entries of a list or map. */
const maxText = 500;
const maxEntries = 100;

/**
 * Cuts a text that quotes a client's input, and makes it storable. A cut is never inside a surrogate pair.
 * Such texts are parts of errors and warnings, which are stored with jobs.
 */
export function boundText(text: string, max: number): string {
  if (text.length <= max) return toStorableText(text);
  return `${toStorableText(text.slice(0, max).replace(/[\uD800-\uDBFF]$/, ''))}…`;
}

/**
 * Cuts the texts, lists and maps of an error's details, and makes them storable. Tokens in them are masked, and keys
 * that are too long are dropped.
 */
export function boundData(data: unknown): unknown {
  if (typeof data === 'string') return boundText(maskTokens(data), maxText);
  if (Array.isArray(data)) return data.slice(0, maxEntries).map(boundData);
  if (typeof data !== 'object' || data === null) return data;
  const kept = Object.entries(data).filter(([key]) => key.length <= maxText);
  return Object.fromEntries(
    kept.slice(0, maxEntries).map(([key, value]) => [toStorableText(maskTokens(key)), boundData(value)]),
  );
}
