import { pathTo } from './address.ts';

/** State of a chart's page. */
export interface ChartView {
  tab?: string | undefined;
  path?: string | undefined;
  line?: number | undefined;
  view?: string | undefined;
  range?: string | undefined;
  releases?: string | undefined;
}

/** Address of a chart's page; that of its latest version without a version. */
export function pathToChart(space: string, chart: string, version?: string, view: ChartView = {}): string {
  const path = pathTo('charts', space, chart, ...(version === undefined ? [] : [version]));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(view)) if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
