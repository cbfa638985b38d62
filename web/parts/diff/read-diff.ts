/** Line of a unified diff with its numbers on both sides. */
export interface DiffLine {
  kind: 'same' | 'added' | 'removed' | 'hunk' | 'note';
  text: string;
  from?: number;
  to?: number;
}

const hunkPattern = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Reads a unified diff of one file. Its head, which names the file, is left out. */
export function readDiff(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let from: number | undefined;
  let to = 0;
  for (const line of splitLines(diff)) {
    const start = hunkPattern.exec(line);
    if (start) {
      from = Number(start[1]);
      to = Number(start[2]);
      lines.push({ kind: 'hunk', text: line });
      continue;
    }
    if (from === undefined) continue;
    if (line.startsWith('+')) {
      lines.push({ kind: 'added', text: line.slice(1), to: to++ });
    } else if (line.startsWith('-')) {
      lines.push({ kind: 'removed', text: line.slice(1), from: from++ });
    } else if (line.startsWith('\\')) {
      lines.push({ kind: 'note', text: line.slice(2) });
    } else {
      lines.push({ kind: 'same', text: line.slice(1), from: from++, to: to++ });
    }
  }
  return lines;
}

/** Counts the lines that a diff adds and removes. */
export function countChanges(lines: readonly DiffLine[]): { added: number; removed: number } {
  const count = (kind: DiffLine['kind']) => lines.filter((line) => line.kind === kind).length;
  return { added: count('added'), removed: count('removed') };
}

function splitLines(diff: string): string[] {
  const lines = diff.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
