import type { Chart, ChartFiles } from './chart.ts';

/**
 * Compares paths or names by their UTF-8 bytes, so that the order is the same on every machine.
 */
export function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/**
 * A chart's files in the order of an archive: Chart.yaml and values.yaml, which readers want first, then the others by
 * bytes. What lies in `charts/` keeps that order among the others.
 */
export function orderFiles(files: ChartFiles): [string, Buffer][] {
  const heads = ['Chart.yaml', 'values.yaml'];
  const rank = (path: string): number => (heads.includes(path) ? heads.indexOf(path) : heads.length);
  return [...files].sort(([left], [right]) => rank(left) - rank(right) || compareBytes(left, right));
}

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
