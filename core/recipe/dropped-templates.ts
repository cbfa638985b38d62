import type { Chart } from '../chart/chart.ts';
import type { ResolvedNode } from './resolve-tree.ts';
import type { Warning } from './warnings.ts';

/** Templates that are named in a chart and those that it asks for, each with the file. */
interface Names {
  defined: Set<string>;
  asked: Map<string, string>;
}

const define = /\{\{-?\s*(?:define|block)\s+["`]([^"`]+)["`]/g;
const ask = /\b(?:include|template)\s+["`]([^"`]+)["`]/g;

/**
 * Templates that what stays includes, and that only a subchart which the recipe drops defines: a library chart mostly.
 * Helm fails on such a chart.
 */
export function findDroppedTemplates(root: ResolvedNode): Warning[] {
  const staying = stayingCharts(root);
  const defined = new Set(staying.flatMap(({ chart }) => [...namesIn(chart).defined]));
  const dropped = droppedCharts(root);
  const warnings = new Map<string, Warning>();
  for (const { chart, pointer } of staying) {
    for (const [name, file] of namesIn(chart).asked) {
      const home = defined.has(name) ? undefined : dropped.find((candidate) => candidate.defined.has(name));
      if (!home) continue;
      const key = `${pointer} ${home.chart.name}`;
      if (warnings.has(key)) continue;
      const { name: lost, version } = home.chart;
      const message = `${file} of ${chart.name} includes ${JSON.stringify(name)} out of ${lost} ${version}, which the recipe drops: name ${lost} as a child, or keep the subcharts.`;
      warnings.set(key, { code: 'template.dropped', pointer, message });
    }
  }
  return [...warnings.values()];
}

function stayingCharts(node: ResolvedNode): { chart: Chart; pointer: string }[] {
  const whole = (chart: Chart): Chart[] => [chart, ...chart.subcharts.flatMap(whole)];
  const kept = (node.kept?.subcharts ?? []).flatMap(({ chart }) => whole(chart));
  return [
    ...[node.source, ...kept].map((chart) => ({ chart, pointer: node.pointer })),
    ...node.children.flatMap(stayingCharts),
  ];
}

/** Every chart inside a source of the recipe; those that stay define their templates there too. */
function droppedCharts(root: ResolvedNode): { chart: Chart; defined: Set<string> }[] {
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
  return [...seen].map((chart) => ({ chart, defined: namesIn(chart).defined }));
}

function namesIn({ files }: Chart): Names {
  const names: Names = { defined: new Set(), asked: new Map() };
  for (const [path, bytes] of files) {
    if (!path.startsWith('templates/')) continue;
    const text = bytes.toString('latin1');
    for (const [, name = ''] of text.matchAll(define)) names.defined.add(name);
    for (const [, name = ''] of text.matchAll(ask)) if (!names.asked.has(name)) names.asked.set(name, path);
  }
  return names;
}
