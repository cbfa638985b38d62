import type { Chart } from '../../chart/chart.ts';
import { coalesceValues } from '../../chart/coalesce.ts';
import { getKey, isObject, type Json, type JsonObject } from '../../yaml/json.ts';
import { composeTree } from '../compose-tree.ts';
import { type KeptSubchart, keepAll } from '../keep-subcharts.ts';
import type { Plan } from '../plan.ts';
import type { ResolvedNode } from '../resolve-tree.ts';
import { type SourceFacts, visibleValues } from './source-facts.ts';

/** A chart in the result, with its source and its values before and after. */
export interface ChartPlace {
  /** The recipe's node that is this chart, or that keeps it. */
  node: ResolvedNode;
  /** Whether the node is this chart itself. */
  isNode: boolean;
  source: Chart;
  chart: Chart;
  /** Names from the new chart's root to this chart; Helm addresses templates and values by them. */
  path: readonly string[];
  /** Values that its templates saw in the source; undefined if a condition switched it off there. */
  before: JsonObject | undefined;
  /** Values that its templates see in the new chart, whatever conditions say. */
  after: JsonObject;
}

/**
 * Lists every chart of the result, the new chart first.
 * A chart under several aliases is listed once for each.
 */
export function listChartPlaces(root: ResolvedNode, plan: Plan, facts: SourceFacts): ChartPlace[] {
  const places: ChartPlace[] = [];
  const composed = composeTree(root, plan);
  const add = (place: Omit<ChartPlace, 'after'>, section: Json | undefined): void => {
    places.push({ ...place, after: visibleValues(place.chart, isObject(section) ? section : {}) });
  };

  function visitNode(
    node: ResolvedNode,
    chart: Chart,
    path: readonly string[],
    values: ValuesBeforeAfter,
  ): void {
    const { source, children, kept } = node;
    const before = values.before && visibleValues(source, values.before);
    add({ node, isNode: true, source, chart, path, before }, values.after);
    for (const child of children) {
      const inside = chart.subcharts.find(({ name }) => name === child.name);
      if (!inside) continue;
      const childBefore = child.inside
        ? sectionOf(before, nameInside(source, child))
        : facts.valuesOf(child.source);
      visitNode(child, inside, [...path, child.name], {
        before: childBefore,
        after: sectionOf(values.after, child.name),
      });
    }
    for (const part of kept?.subcharts ?? [])
      visitKept(part, node, chart, path, { before, after: values.after });
  }

  function visitKept(
    part: KeptSubchart,
    node: ResolvedNode,
    parent: Chart,
    path: readonly string[],
    values: ValuesBeforeAfter,
  ) {
    const { name, version } = part.chart;
    const chart = parent.subcharts.find((inner) => inner.name === name && inner.version === version);
    if (!chart) return;
    for (const name of part.names) {
      const here = [...path, name];
      const section = sectionOf(values.before, name);
      const before = section && visibleValues(part.chart, section);
      const after = sectionOf(values.after, name);
      add({ node, isNode: false, source: part.chart, chart, path: here, before }, after);
      for (const inner of keepAll(part.chart)) visitKept(inner, node, chart, here, { before, after });
    }
  }

  visitNode(root, composed, [], { before: facts.valuesOf(root.source), after: coalesceValues(composed) });
  return places;
}

interface ValuesBeforeAfter {
  before: JsonObject | undefined;
  after: JsonObject | undefined;
}

function sectionOf(values: JsonObject | undefined, name: string): JsonObject | undefined {
  const section = values && getKey(values, name);
  return isObject(section) ? section : undefined;
}

/** Finds the name in a source's values of the subchart that a child is taken from. */
function nameInside({ dependencies }: Chart, { name, source }: ResolvedNode): string {
  const names = dependencies
    .filter((entry) => entry.name === source.name)
    .map((entry) => entry.alias || entry.name);
  return names.find((known) => known === name) ?? names[0] ?? source.name;
}

/** Formats a chart for a message: its source and its place. */
export function labelOf({ source, path }: Pick<ChartPlace, 'source' | 'path'>): string {
  return path.length === 0
    ? `${source.name} ${source.version} (the root)`
    : `${source.name} ${source.version} (${path.join('/')})`;
}
