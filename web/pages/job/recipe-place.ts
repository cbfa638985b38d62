/**
 * Finds the line of a key in JSON that `JSON.stringify` has indented by two.
 * @param pointer JSON pointer (RFC 6901); where its last keys are missing, the line of what should have them
 * @returns number of the line, counted from 0
 */
export function findLineOfKey(text: string, pointer: string): number {
  const lines = text.split('\n');
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  let line = 0;
  for (const [depth, token] of tokens.entries()) {
    const next = findLineOfChild(lines, line, depth + 1, token);
    if (next === undefined) break;
    line = next;
  }
  return line;
}

/** Finds the line of a key or index below the container that begins in a line. */
function findLineOfChild(
  lines: readonly string[],
  from: number,
  depth: number,
  token: string,
): number | undefined {
  const indent = ' '.repeat(depth * 2);
  const isList = lines[from]?.trimEnd().endsWith('[') ?? false;
  let index = 0;
  for (let at = from + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    // A line that is indented less closes the container.
    if (!line.startsWith(indent)) return undefined;
    const rest = line.slice(indent.length);
    if (/^[\s\]}]/.test(rest)) continue;
    if (isList ? String(index) === token : rest.startsWith(`${JSON.stringify(token)}:`)) return at;
    index += 1;
  }
  return undefined;
}
