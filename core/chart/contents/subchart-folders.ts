import { compareBytes } from '../../archive/chart-order.ts';

/** Entry of `charts/` that is a chart. */
export interface SubchartEntry {
  /** Name of the folder or archive. */
  entry: string;
  /** Name of the chart in it. */
  name: string;
}

/**
 * Finds the folder under which each chart in `charts/` is shown. A folder keeps its name. An archive is shown as a
 * folder with its chart's name. Where that is taken, it has the archive's name without `.tgz`, or else the whole name,
 * which nothing else can have.
 * @param ownPaths paths of the outer chart's own files, some of which may be in `charts/` too
 * @returns names of folders by the names of the entries
 */
export function nameSubchartFolders(
  ownPaths: Iterable<string>,
  subcharts: readonly SubchartEntry[],
): Map<string, string> {
  const folders = new Map<string, string>();
  const taken = new Set<string>();
  for (const path of ownPaths) {
    const [top, entry] = path.split('/', 2);
    if (top === 'charts' && entry !== undefined) taken.add(entry);
  }
  for (const { entry } of subcharts) {
    if (isPacked(entry)) continue;
    taken.add(entry);
    folders.set(entry, entry);
  }
  const packed = subcharts.filter(({ entry }) => isPacked(entry));
  for (const { entry, name } of packed.sort((left, right) => compareBytes(left.entry, right.entry))) {
    const folder = [name, entry.slice(0, -'.tgz'.length)].find((wanted) => !taken.has(wanted)) ?? entry;
    taken.add(folder);
    folders.set(entry, folder);
  }
  return folders;
}

/** Tells whether an entry of `charts/` is an archive. */
export function isPacked(entry: string): boolean {
  return entry.endsWith('.tgz');
}
