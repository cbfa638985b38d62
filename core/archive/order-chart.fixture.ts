import type { Chart } from '../chart/chart.ts';
import { compareBytes, orderFiles } from './chart-order.ts';

/**
 * Yields all files of a chart by path below its folder. Files of the chart itself come first, then each subchart's in
 * order of name.
 */
export function* orderChart(chart: Chart, prefix = ''): Generator<[string, Buffer]> {
  for (const [path, content] of orderFiles(chart.files)) yield [prefix + path, content];
  for (const [folder, subchart] of folders(chart)) yield* orderChart(subchart, `${prefix}charts/${folder}/`);
}

/** Names the folders of subcharts. Helm loads two of one name; the later ones get `NAME-VERSION`, which keeps them apart. */
function folders(chart: Chart): [string, Chart][] {
  const taken = new Set<string>();
  const sorted = chart.subcharts.toSorted((left, right) => compareBytes(left.name, right.name));
  return sorted.map((subchart) => {
    let folder = subchart.name;
    for (let count = 0; taken.has(folder); count++) {
      folder = `${subchart.name}-${subchart.version}${count > 0 ? `-${count}` : ''}`;
    }
    taken.add(folder);
    return [folder, subchart];
  });
}
