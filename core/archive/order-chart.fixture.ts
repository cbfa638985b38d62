import type { Chart } from '../chart/chart.ts';
import { compareBytes, orderFiles } from './chart-order.ts';

/** All files of a chart by their paths below its folder: its own, then those of each subchart, in order of name. */
export function* orderChart(chart: Chart, prefix = ''): Generator<[string, Buffer]> {
  for (const [path, content] of orderFiles(chart.files)) yield [prefix + path, content];
  for (const [folder, subchart] of folders(chart)) yield* orderChart(subchart, `${prefix}charts/${folder}/`);
}

/** Two subcharts of one name, which Helm loads, cannot share a folder: the later ones get their version behind the name. */
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
