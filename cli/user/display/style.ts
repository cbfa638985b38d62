/** Ways to mark a text on a terminal. */
export interface Style {
  heading(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

/**
 * Creates the marks for a stream. Marks are colours on a terminal, unless NO_COLOR is set (no-color.org), else
 * nothing.
 */
export function createStyle(
  { isTTY }: { isTTY?: boolean | undefined },
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
): Style {
  const isColoured = isTTY === true && !NO_COLOR && TERM !== 'dumb';
  const mark = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { heading: mark(1), good: mark(32), bad: mark(31) };
}
