import type { Chart } from '../chart/chart.ts';

/**
 * Lists a chart and the charts inside it by their folders. Each ends with a slash; the chart's own is empty. A
 * subchart has the folder of its name, however `charts/` has it, so that an archive is the same chart as a folder. Of
 * several with one name, each has its version in the folder too.
 */
export function listChartsByFolder(root: Chart): Map<string, Chart> {
  const folders = new Map<string, Chart>();
  const visit = (chart: Chart, folder: string): void => {
    folders.set(folder, chart);
    const counts = new Map<string, number>();
    for (const { name } of chart.subcharts) counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const subchart of chart.subcharts) {
      const { name, version } = subchart;
      const isTwin = (counts.get(name) ?? 0) > 1;
      visit(subchart, `${folder}charts/${isTwin ? `${name}@${version}` : name}/`);
    }
  };
  visit(root, '');
  return folders;
}
