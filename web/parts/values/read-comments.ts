/** Longest comment that is read. */
const maxComment = 2_000;
const parameterPattern = /^\s*##+\s*@(?:param|extra)\s+(\S+)\s*(?:\[[^\]]*\]\s*)?(.*)$/;

/**
 * Reads the descriptions that `## @param PATH TEXT` comments give keys, a custom that many charts have; by path, with
 * dots.
 */
export function readParameterComments(lines: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of lines) {
    const [, path, text] = parameterPattern.exec(line) ?? [];
    if (path && text && !found.has(path)) found.set(path, text.slice(0, maxComment));
  }
  return found;
}

/**
 * Reads the comment that stands directly above a line, or behind its value.
 * @param line number of the line, counted from 1
 */
export function commentAt(lines: readonly string[], line: number): string | undefined {
  const above: string[] = [];
  for (let at = line - 2; at >= 0 && above.length < 40; at--) {
    const text = /^\s*#+ ?(.*)$/.exec(lines[at] ?? '')?.[1];
    if (text === undefined) break;
    above.unshift(text);
  }
  const behind = /\s#+ ?(?!.*["'])(.+)$/.exec(lines[line - 1] ?? '')?.[1];
  const said = (behind ? [...above, behind] : above).filter(
    (text) => !/^\s*@\w+/.test(text) && /\w/.test(text),
  );
  const comment = said
    .join('\n')
    .replace(/^\s*--\s*/, '')
    .trim();
  return comment === '' ? undefined : comment.slice(0, maxComment);
}
