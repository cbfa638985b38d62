/**
 * Applies a unified diff to a text, as `patch` without fuzz would. Every line must be where its hunk says.
 * @throws {Error} where the diff does not fit the text
 */
export function applyDiff(text: string, diff: string): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const result: string[] = [];
  let at = 0;
  const rows = diff.split(/(?<=\n)/);
  for (let row = rows.findIndex((line) => line.startsWith('@@')); row >= 0 && row < rows.length; ) {
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n$/.exec(rows[row] ?? '');
    if (!head) throw new Error(`no head of a hunk: ${rows[row]}`);
    const [first, fromCount, , toCount] = head.slice(1).map((number) => Number(number ?? 1));
    const start = fromCount === 0 ? (first ?? 0) : (first ?? 0) - 1;
    result.push(...lines.slice(at, start));
    at = start;
    let removed = 0;
    let added = 0;
    for (row += 1; row < rows.length && !rows[row]?.startsWith('@@'); row += 1) {
      const mark = rows[row]?.[0];
      let line = rows[row]?.slice(1) ?? '';
      if (rows[row + 1]?.startsWith('\\ ')) {
        line = line.slice(0, -1);
        row += 1;
      }
      if (mark !== '+') {
        if (lines[at] !== line) throw new Error(`line ${at + 1} is not ${JSON.stringify(line)}`);
        at += 1;
        removed += 1;
      }
      if (mark !== '-') {
        result.push(line);
        added += 1;
      }
    }
    if (removed !== fromCount || added !== toCount)
      throw new Error(`a hunk does not count its lines: ${head[0]}`);
  }
  return [...result, ...lines.slice(at)].join('');
}
