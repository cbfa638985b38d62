import type { DryRun, Metadata, PlannedNode, PlannedPart } from '@helm-registry/client';

/** Chart inside the new one, with those inside it. */
export interface ResultChart {
  name: string;
  version: string;
  /** Reason why it is there: its source, `kept`, or what it was resolved to. */
  origin: string;
  charts: ResultChart[];
}

/** Place of the plan that says why charts are there. Neither is known below a chart that is kept whole. */
interface PlannedPlace {
  children?: readonly PlannedNode['children'][number][];
  parts?: readonly PlannedPart[];
}

/** Lists the charts inside the chart that a recipe would make. They are those that it names, and those that come with them. */
export function listResultCharts({ metadata, plan }: Pick<DryRun, 'metadata' | 'plan'>): ResultChart[] {
  return listBelow(metadata, plan.root);
}

function listBelow(
  { dependencies = [] }: Metadata,
  { children = [], parts = [] }: PlannedPlace,
): ResultChart[] {
  return dependencies.map((chart) => {
    const { name, version } = chart;
    const child = children.find((planned) => planned.name === name)?.node;
    if (child) return { name, version, origin: describeSource(child, name), charts: listBelow(chart, child) };
    const part = parts.find(({ source }) => source.chart === name && source.version === version);
    const origin = part ? `resolved from ${part.source.space}/${part.source.chart}` : 'kept';
    return { name, version, origin, charts: listBelow(chart, { parts: part?.parts ?? [] }) };
  });
}

function describeSource({ source }: PlannedNode, name: string): string {
  if (source.kind === 'umbrella') return 'umbrella';
  if (source.kind === 'stored') return `from ${source.space}/${source.chart}`;
  return source.chart === name ? 'from inside' : `from ${source.chart} inside`;
}

/** Counts charts with all those inside them. */
export function countResultCharts(charts: readonly ResultChart[]): number {
  return charts.reduce((sum, chart) => sum + 1 + countResultCharts(chart.charts), 0);
}
