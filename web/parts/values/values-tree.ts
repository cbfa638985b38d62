/** Key of a chart's values. */
export interface ValueRow {
  /** RFC 6901 pointer to the key. */
  pointer: string;
  /** Last part of its path. */
  name: string;
  depth: number;
  value: unknown;
  /** Number of keys or items below it; undefined for a scalar. */
  children: number | undefined;
  open: boolean;
  /** Place among its neighbours, counted from 1, and their number. */
  place: number;
  among: number;
}

/** Keys of a map, or positions of a list; none of a scalar. */
export function entriesOf(value: unknown): [string, unknown][] {
  if (Array.isArray(value)) return value.map((item, index) => [String(index), item]);
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** Tells whether a value has keys or items below it. */
export function isBranch(value: unknown): boolean {
  return entriesOf(value).length > 0;
}

/** Adds a part to a pointer. */
export function joinPointer(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Reads the parts of a pointer. */
export function splitPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Writes a pointer as people write paths: `auth.users[0].name`. */
export function writePath(pointer: string, values: unknown): string {
  let value = values;
  return splitPointer(pointer).reduce((path, part) => {
    const isItem = Array.isArray(value);
    value = childOf(value, part);
    if (isItem) return `${path}[${part}]`;
    const name = /^[\w/-]+$/.test(part) ? part : JSON.stringify(part);
    return path === '' ? name : `${path}.${name}`;
  }, '');
}

/** Reads the value at a pointer. */
export function valueAt(values: unknown, pointer: string): unknown {
  return splitPointer(pointer).reduce(childOf, values);
}

function childOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value[Number(name)];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}

/** Lists the rows that are seen: those whose parents are all open. */
export function listRows(values: unknown, isOpen: (pointer: string, depth: number) => boolean): ValueRow[] {
  const rows: ValueRow[] = [];
  const visit = (value: unknown, pointer: string, depth: number) => {
    const entries = entriesOf(value);
    entries.forEach(([name, child], index) => {
      const own = joinPointer(pointer, name);
      const count = typeof child === 'object' && child !== null ? entriesOf(child).length : undefined;
      const open = count !== undefined && count > 0 && isOpen(own, depth);
      rows.push({
        pointer: own,
        name,
        depth,
        value: child,
        children: count,
        open,
        place: index + 1,
        among: entries.length,
      });
      if (open) visit(child, own, depth + 1);
    });
  };
  visit(values, '', 1);
  return rows;
}
