import type { Chart } from '../../chart/chart.ts';
import type { ResolvedNode } from '../resolve-tree.ts';
import type { Warning } from '../warning.ts';
import type { ChartPlace } from './places.ts';
import type { SourceFacts } from './source-facts.ts';

/**
 * Finds included templates that only a dropped subchart defines, mostly a library chart.
 * Helm fails to render a chart that includes such a template.
 */
export function findDroppedTemplates(
  root: ResolvedNode,
  places: readonly ChartPlace[],
  facts: SourceFacts,
): Warning[] {
  const namesOf = (chart: Chart) => facts.notesOf(chart).defined.map(({ name }) => name);
  const defined = new Set(places.flatMap(({ source }) => namesOf(source)));
  const dropped = new Map<string, Chart>();
  for (const chart of chartsInside(root)) {
    for (const name of namesOf(chart)) if (!defined.has(name) && !dropped.has(name)) dropped.set(name, chart);
  }
  if (dropped.size === 0) return [];
  const warnings = new Map<string, Warning>();
  for (const { source, node } of places) {
    for (const { name, file, line } of facts.notesOf(source).included) {
      const definingChart = dropped.get(name);
      const key = `${node.pointer} ${definingChart?.name}`;
      if (!definingChart || warnings.has(key)) continue;
      const { name: lost, version } = definingChart;
      const message = `${file} of ${source.name} includes ${JSON.stringify(name)} out of ${lost} ${version}, which the recipe drops: name ${lost} as a child, or keep the subcharts.`;
      const pointer = node.pointer;
      warnings.set(key, { code: 'template.dropped', pointer, message, file, line, templates: [name] });
    }
  }
  return [...warnings.values()];
}

/** Collects every chart inside the recipe's sources, dropped or not. */
function chartsInside(root: ResolvedNode): Set<Chart> {
  const seen = new Set<Chart>();
  const add = (chart: Chart): void => {
    if (seen.has(chart)) return;
    seen.add(chart);
    for (const subchart of chart.subcharts) add(subchart);
  };
  const visit = (node: ResolvedNode): void => {
    add(node.source);
    for (const child of node.children) visit(child);
  };
  visit(root);
  return seen;
}
