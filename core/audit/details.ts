import { boundText } from '../runtime/bound-text.ts';
import { maskTokens } from '../runtime/mask-tokens.ts';

/** Further facts of an event: a flat list of short values. */
export type AuditDetails = Record<string, string | number | boolean | null | readonly string[] | undefined>;

/** Limits of details: entries, items of a list, and characters of a text; together well below the limit of the row. */
const maxDetails = 12;
const maxItemsPerList = 10;
const maxTextCharacters = 50;

/**
 * Removes what must not be kept from a client's text. Removed are secrets of tokens, and characters that PostgreSQL's
 * `jsonb` does not have.
 */
export function withoutSecrets(text: string, max: number): string {
  // A round through UTF-8 replaces halves of surrogate pairs.
  const shown = Buffer.from(text).toString().replaceAll('\0', '');
  return boundText(maskTokens(shown), max);
}

/** Cuts details to the room that an event has for them. @returns undefined where nothing is left */
export function boundDetails(details: AuditDetails): AuditDetails | undefined {
  const entries = Object.entries(details).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.slice(0, maxDetails).map(([key, value]) => [key, boundValue(value)]));
}

function boundValue(value: AuditDetails[string]): AuditDetails[string] {
  if (typeof value === 'string') return withoutSecrets(value, maxTextCharacters * 4);
  if (typeof value !== 'object' || value === null) return value;
  const shown = value.slice(0, maxItemsPerList).map((item) => withoutSecrets(item, maxTextCharacters));
  return value.length > maxItemsPerList ? [...shown, `… ${value.length - maxItemsPerList} more`] : shown;
}
