import type { Chart, ChartFiles } from '../chart.ts';
import { nameSubchartFolders } from './subchart-folders.ts';

/**
 * Finds the folder under which each chart of a tree is shown, by its files. The root's is empty.
 * @param places place of each chart in the archive, as `readChart` notes them
 */
export function findChartFolders(
  root: Chart,
  places: ReadonlyMap<ChartFiles, string>,
): Map<ChartFiles, string> {
  const folders = new Map<ChartFiles, string>();
  const visit = (chart: Chart, folder: string) => {
    folders.set(chart.files, folder);
    const above = `${places.get(chart.files) ?? ''}charts/`;
    const entries = new Map(
      chart.subcharts.map((inner) => [inner, places.get(inner.files)?.slice(above.length, -1) ?? '']),
    );
    const inside = [...entries].map(([{ name }, entry]) => ({ entry, name }));
    const shown = nameSubchartFolders(chart.files.keys(), inside);
    for (const [inner, entry] of entries) visit(inner, `${folder}charts/${shown.get(entry)}/`);
  };
  visit(root, '');
  return folders;
}
