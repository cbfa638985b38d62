/** Place of the first character of an indentation that is not a plain space, and what to do. */
export interface OddIndentation {
  offset: number;
  reason: string;
}

/** Advice for a tab in front of a line. */
export const tabRemedy = 'tabs are not allowed as indentation. Use spaces';

/**
 * Finds a tab or another odd space in front of the line of a fault.
 * The next line counts too, where the fault is at the end of its own. Spaces of other kinds come with text that was
 * copied out of a web page; YAML reads them as a part of the key.
 */
export function findOddIndentation(text: string, offset: number): OddIndentation | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const rest = /^[ \t\r]*\n/.exec(text.slice(offset, offset + 200));
  return (
    findOddIndentationAt(text, start) ??
    (rest ? findOddIndentationAt(text, offset + rest[0].length) : undefined)
  );
}

function findOddIndentationAt(text: string, start: number): OddIndentation | undefined {
  const [, spaces = '', odd] = /^( *)([^\S \r\n])?/.exec(text.slice(start, start + 1_000)) ?? [];
  if (odd === undefined) return undefined;
  const code = (odd.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const reason =
    odd === '\t' ? tabRemedy : `this line begins with a space of another kind (U+${code}). Use plain spaces`;
  return { offset: start + spaces.length, reason };
}
