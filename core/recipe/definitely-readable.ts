import type { ArchivePart } from '../archive/assembly/index.ts';
import type { Chart } from '../chart/chart.ts';
import { maxChartDepth } from '../chart/read-chart.ts';
import { maxJsonbSize } from '../chart/sanitize-for-jsonb.ts';
import { addCosts, isAffordable } from '../yaml/edit/edit-cost.ts';
import type { Editor } from '../yaml/edit/editor.ts';
import type { YamlBudget } from '../yaml/yaml-source.ts';

/** Number of times that reading a chart parses each file: as data, and again as the strings that Helm wants of some fields. */
const parseCounts: ReadonlyMap<string, number> = new Map([
  ['Chart.yaml', 2],
  ['requirements.yaml', 2],
  ['values.yaml', 1],
]);

/**
 * Estimates whether a composed chart can be read and its values coalesced within the limits.
 * The estimate adds the costs of reading the sources, so false does not mean that the chart is unreadable.
 *
 * @param parts the composed charts
 * @param editor the editor that made their files
 */
export function definitelyReadable(
  tree: Chart,
  parts: readonly ArchivePart[],
  editor: Pick<Editor, 'costOf'>,
): boolean {
  let total: YamlBudget = { text: 0, nodes: 0, units: 0 };
  for (const { source, made, keeps } of parts) {
    for (const [path, times] of parseCounts) {
      const bytes = made.get(path) ?? (keeps(path) ? source.get(path) : undefined);
      if (!bytes) continue;
      const cost = editor.costOf(bytes);
      if (!cost) return false;
      for (let time = 0; time < times; time++) total = addCosts(total, cost);
    }
  }
  // Coalescing may copy global values to every chart.
  const charts = countCharts(tree);
  const isStorable = total.nodes * charts <= maxJsonbSize.nodes && total.units * charts <= maxJsonbSize.units;
  return isAffordable(total) && isStorable && isShallow(tree, maxChartDepth);
}

function countCharts({ subcharts }: Chart): number {
  return subcharts.reduce((count, inner) => count + countCharts(inner), 1);
}

function isShallow({ subcharts }: Chart, maxDepth: number): boolean {
  return subcharts.every((inner) => maxDepth > 0 && isShallow(inner, maxDepth - 1));
}
