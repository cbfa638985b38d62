import { splitPointer } from './values-tree.ts';

/** Place in a chart that sets a value. */
export interface OriginPlace {
  /** Folder of the chart inside, `charts/NAME`; empty for the chart itself. */
  chart: string;
  file: string;
  line?: number;
}

/** Indexes origins by their pointers. */
export function indexOrigins<Origin extends OriginPlace & { pointer: string }>(
  origins: readonly Origin[],
): ReadonlyMap<string, Origin> {
  return new Map(origins.map((origin) => [origin.pointer, origin]));
}

/**
 * Finds the origin of a key. The origin is the key's own, or for a map the one that all keys below it share.
 * @returns undefined where keys below have several, or none
 */
export function originOf<Origin extends OriginPlace>(
  origins: ReadonlyMap<string, Origin>,
  pointer: string,
): Origin | undefined {
  // A list is set as a whole, so its items have the origin of the list.
  for (let parts = splitPointer(pointer); parts.length > 0; parts = parts.slice(0, -1)) {
    const own = origins.get(toPointer(parts));
    if (own) return own;
  }
  return undefined;
}

/** Writes an origin as chart, file and line. */
export function writeOrigin({ chart, file, line }: OriginPlace): string {
  const inside = chart === '' ? '' : `${chart.replaceAll(/(?:^|\/)charts\//g, '/').slice(1)}:`;
  const name = chart !== '' && file.startsWith(`${chart}/`) ? file.slice(chart.length + 1) : file;
  return `${inside}${name}${line === undefined ? '' : `:${line}`}`;
}

/** Path in the archive of the file of an origin. */
export function originPath({ chart, file }: OriginPlace): string {
  return chart === '' || file.startsWith(`${chart}/`) ? file : `${chart}/${file}`;
}

function toPointer(parts: readonly string[]): string {
  return parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
