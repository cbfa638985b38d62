import { compareBytes } from '../archive/chart-order.ts';
import type { Chart } from '../chart/chart.ts';
import { parseVersion, sortKey } from '../semver/version.ts';
import type { CompareOptions, ListPage, SubchartChange } from './comparison.ts';
import { changeKindOf, presentSides } from './key-changes.ts';
import { createPageCollector } from './list-page.ts';

/**
 * Lists the charts inside two charts that differ. Such charts were added, removed, or have another version or other
 * files of their own.
 */
export function listSubchartChanges(
  from: ReadonlyMap<string, Chart>,
  to: ReadonlyMap<string, Chart>,
  options: Pick<CompareOptions, 'start' | 'limit'>,
): ListPage<SubchartChange> {
  const { add, page } = createPageCollector<SubchartChange>(options);
  const folders = [...new Set([...from.keys(), ...to.keys()])].filter((folder) => folder !== '');
  for (const folder of folders.sort(compareBytes)) {
    const before = from.get(folder);
    const after = to.get(folder);
    if (before && after && before.version === after.version && hasEqualFiles(before, after)) continue;
    add(() => ({
      path: folder.slice(0, -1),
      name: (after ?? before)?.name ?? '',
      change: before && after ? directionOf(before.version, after.version) : changeKindOf(before, after),
      ...presentSides(before?.version, after?.version),
    }));
  }
  return page;
}

function directionOf(from: string, to: string): 'upgraded' | 'downgraded' | 'changed' {
  const [before, after] = [from, to].map((text) => {
    const version = parseVersion(text);
    return version && sortKey(version);
  });
  if (before === undefined || after === undefined || before === after) return 'changed';
  return compareBytes(before, after) < 0 ? 'upgraded' : 'downgraded';
}

function hasEqualFiles({ files }: Chart, { files: others }: Chart): boolean {
  if (files.size !== others.size) return false;
  return [...files].every(([path, content]) => others.get(path)?.equals(content) ?? false);
}
