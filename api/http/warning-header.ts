import { boundText } from '../../core/runtime/bound-text.ts';

/** Largest number of warnings in the header, and of characters of each: proxies limit the size of headers. */
const maxWarnings = 5;
const maxText = 300;

/**
 * Writes the header `Warning`, for responses whose body has no place for warnings. The header has the form `299 -
 * "comments.lost: ...", 299 - "..."` (RFC 7234 section 5.5).
 * @param warnings each a code and a sentence
 */
export function warningHeader(warnings: readonly string[]): Record<string, string> {
  if (warnings.length === 0) return {};
  const values = warnings.slice(0, maxWarnings).map((text) => `299 - ${quoted(boundText(text, maxText))}`);
  return { Warning: values.join(', ') };
}

/** Quotes a text in ASCII: a header holds Latin-1 at most, and warnings may quote text of a chart. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[^ -~]/g, '?');
}
