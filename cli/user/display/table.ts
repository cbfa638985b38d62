/** Least width to which a last cell is cut; narrower terminals wrap. */
const minLastColumnWidth = 20;

/**
 * Renders rows as a table under a line of column names. Cells are padded to the widest of their column.
 * @param width columns of the terminal, to which the last cell is cut; unlimited if absent
 * @param heading marks the line of names
 */
export function renderTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  {
    width,
    heading = (line) => line,
  }: { width?: number | undefined; heading?: (line: string) => string } = {},
): string[] {
  const lines = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const before = widths.slice(0, -1).reduce((sum, columnWidth) => sum + columnWidth + 2, 0);
  const room = width === undefined ? undefined : Math.max(width - before, minLastColumnWidth);
  return lines.map((line, index) => {
    const cells = line.map((cell, column) =>
      column === titles.length - 1 ? cut(cell, room) : cell.padEnd(widths[column] ?? 0),
    );
    const text = cells.join('  ').trimEnd();
    return index === 0 ? heading(text) : text;
  });
}

function cut(text: string, room: number | undefined): string {
  return room === undefined || text.length <= room ? text : `${text.slice(0, room - 1).trimEnd()}…`;
}
