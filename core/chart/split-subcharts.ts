import type { ChartFiles } from './chart.ts';

/** Groups files of subcharts by their entry in `charts/`. A file that is the entry itself has an empty path. */
export function splitSubcharts(files: ChartFiles): {
  ownFiles: ChartFiles;
  entries: Map<string, ChartFiles>;
} {
  const ownFiles: ChartFiles = new Map();
  const entries = new Map<string, ChartFiles>();
  for (const [path, content] of files) {
    const [top, entry, ...rest] = path.split('/');
    if (top !== 'charts' || entry === undefined || path.endsWith('.prov') || /^[_.]/.test(entry)) {
      ownFiles.set(path, content);
      continue;
    }
    const group: ChartFiles = entries.get(entry) ?? new Map();
    group.set(rest.join('/'), content);
    entries.set(entry, group);
  }
  return { ownFiles, entries };
}
