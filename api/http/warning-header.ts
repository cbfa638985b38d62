import { boundText } from '../../core/runtime/bound-text.ts';

/** Warnings that one header names, and characters of each: a server in front of this one has bounds for headers. */
const maxWarnings = 5;
const maxText = 300;

/**
 * Header `Warning: 299 - "comments.lost: ...", 299 - "..."` (RFC 7234, section 5.5), for an answer whose body has no room for one.
 * @param warnings each its code and a sentence
 */
export function warningHeader(warnings: readonly string[]): Record<string, string> {
  if (warnings.length === 0) return {};
  const values = warnings.slice(0, maxWarnings).map((text) => `299 - ${quoted(boundText(text, maxText))}`);
  return { Warning: values.join(', ') };
}

/** Headers have bytes of Latin-1 only, and what is quoted here may be a stranger's. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[^ -~]/g, '?');
}
