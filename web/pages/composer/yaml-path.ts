/**
 * Finds the path of keys around a place in YAML of block style, by indentation.
 * @param lines lines of the text
 * @param index line of the place, from 0
 * @param indent column of the place, in its line
 * @returns the keys above it, the outermost first; `0` for an item of a list, whichever it is
 */
export function pathOfLine(lines: readonly string[], index: number, indent: number): string[] {
  const path: string[] = [];
  let limit = indent;
  // A list may begin in the column of its key.
  let inList = false;
  const enter = (name: string, column: number, isItem: boolean) => {
    path.unshift(name);
    limit = column;
    inList = isItem;
  };
  const enterItems = (line: string) => {
    for (const column of dashesOf(line).reverse()) if (column < limit) enter('0', column, true);
  };
  enterItems(lines[index] ?? '');
  for (let number = index - 1; number >= 0 && (limit > 0 || inList); number -= 1) {
    const line = lines[number] ?? '';
    const key = readKey(line);
    if (key && (key.column < limit || (inList && key.column === limit))) enter(key.name, key.column, false);
    enterItems(line);
  }
  return path;
}

function readKey(line: string): { name: string; column: number } | undefined {
  const dashes = /^\s*(?:-\s+)*/.exec(line)?.[0] ?? '';
  const key = /^(?:"([^"]*)"|'([^']*)'|([^\s#:'"][^:]*?))\s*:(?:\s|$)/.exec(line.slice(dashes.length));
  return key ? { name: key[1] ?? key[2] ?? key[3] ?? '', column: dashes.length } : undefined;
}

/** Returns the columns of the dashes at the beginning of a line. */
function dashesOf(line: string): number[] {
  const start = /^\s*(?:-\s+)*(?:-$)?/.exec(line)?.[0] ?? '';
  return [...start.matchAll(/-/g)].map(({ index }) => index);
}
