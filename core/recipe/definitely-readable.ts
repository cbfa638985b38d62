import type { ArchivePart } from '../archive/assembly/index.ts';
import type { Chart } from '../chart/chart.ts';
import { maxChartDepth } from '../chart/read-chart.ts';
import { maxJsonbBytes } from '../chart/sanitize-for-jsonb.ts';
import { addCosts, isAffordable } from '../yaml/edit/edit-cost.ts';
import type { Editor } from '../yaml/edit/editor.ts';
import type { YamlBudget } from '../yaml/yaml-source.ts';

/** Files that reading a chart reads, with how often: once as data, once as the strings that Helm wants of some fields. */
const readings: ReadonlyMap<string, number> = new Map([
  ['Chart.yaml', 2],
  ['requirements.yaml', 2],
  ['values.yaml', 1],
]);

/**
 * Whether a composed chart can be read, and its values be coalesced, within the limits for one archive, told from what
 * reading its sources took. One for which it is false may still be readable.
 *
 * @param parts the composed charts
 * @param editor the one that made their files
 */
export function definitelyReadable(
  tree: Chart,
  parts: readonly ArchivePart[],
  editor: Pick<Editor, 'costOf'>,
): boolean {
  let total: YamlBudget = { text: 0, nodes: 0, units: 0 };
  for (const { source, made, keeps } of parts) {
    for (const [path, times] of readings) {
      const bytes = made.get(path) ?? (keeps(path) ? source.get(path) : undefined);
      if (!bytes) continue;
      const cost = editor.costOf(bytes);
      if (!cost) return false;
      for (let time = 0; time < times; time++) total = addCosts(total, cost);
    }
  }
  // Coalescing may copy what is global to every chart.
  const charts = countCharts(tree);
  const isStorable =
    total.nodes * charts <= maxJsonbBytes.nodes && total.units * charts <= maxJsonbBytes.units;
  return isAffordable(total) && isStorable && isShallow(tree, maxChartDepth);
}

function countCharts({ subcharts }: Chart): number {
  return subcharts.reduce((count, inner) => count + countCharts(inner), 1);
}

function isShallow({ subcharts }: Chart, deepest: number): boolean {
  return subcharts.every((inner) => deepest > 0 && isShallow(inner, deepest - 1));
}
