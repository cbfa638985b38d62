import type { Chart } from '../../chart/chart.ts';
import { coalesceValues } from '../../chart/coalesce.ts';
import { getKey, isObject, type Json, type JsonObject } from '../../yaml/json.ts';
import { type KeptSubchart, keepAll } from '../keep-subcharts.ts';
import type { ResolvedNode } from '../resolve-tree.ts';
import { type SourceFacts, visibleValues } from './source-facts.ts';
import { createSwitchedValues } from './switched-values.ts';

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
  /**
   * Values that its templates would see in the source if a user set the values of the new chart. Undefined if no
   * subchart is off, or if the recipe is too large.
   */
  switchedOn: JsonObject | undefined;
  /** Values that its templates see in the new chart, whatever conditions say. */
  after: JsonObject;
}

/**
 * Lists every chart of the result, the new chart first.
 * A chart under several aliases is listed once for each.
 */
export function listChartPlaces(root: ResolvedNode, composed: Chart, facts: SourceFacts): ChartPlace[] {
  const places: ChartPlace[] = [];
  const computeSwitchedValues = createSwitchedValues(facts);
  const add = (place: Omit<ChartPlace, 'after'>, section: Json | undefined): void => {
    places.push({ ...place, after: visibleValues(place.chart, isObject(section) ? section : {}) });
  };

  function valuesOfSource(source: Chart, after: JsonObject | undefined): SourceValues {
    return { before: facts.valuesOf(source), switchedOn: computeSwitchedValues(source, after ?? {}) };
  }

  function visitNode(
    node: ResolvedNode,
    chart: Chart,
    path: readonly string[],
    values: ValuesBeforeAndAfter,
  ): void {
    const { source, children, kept } = node;
    const here = valuesVisibleIn(source, values);
    add({ node, isNode: true, source, chart, path, ...here }, values.after);
    for (const child of children) {
      const inside = chart.subcharts.find(({ name }) => name === child.name);
      if (!inside) continue;
      const after = sectionOf(values.after, child.name);
      const known = child.inside
        ? sectionsOf(here, nameInSourceValues(source, child))
        : valuesOfSource(child.source, after);
      visitNode(child, inside, [...path, child.name], { ...known, after });
    }
    for (const part of kept?.subcharts ?? [])
      visitKept(part, node, chart, path, { ...here, after: values.after });
  }

  function visitKept(
    part: KeptSubchart,
    node: ResolvedNode,
    parent: Chart,
    path: readonly string[],
    values: ValuesBeforeAndAfter,
  ) {
    const { name, version } = part.chart;
    const chart = parent.subcharts.find((inner) => inner.name === name && inner.version === version);
    if (!chart) return;
    for (const name of part.names) {
      const at = [...path, name];
      const here = valuesVisibleIn(part.chart, sectionsOf(values, name));
      const after = sectionOf(values.after, name);
      add({ node, isNode: false, source: part.chart, chart, path: at, ...here }, after);
      for (const inner of keepAll(part.chart)) visitKept(inner, node, chart, at, { ...here, after });
    }
  }

  const after = coalesceValues(composed);
  visitNode(root, composed, [], { ...valuesOfSource(root.source, after), after });
  return places;
}

type SourceValues = Pick<ChartPlace, 'before' | 'switchedOn'>;

interface ValuesBeforeAndAfter extends SourceValues {
  after: JsonObject | undefined;
}

function valuesVisibleIn(source: Chart, { before, switchedOn }: SourceValues): SourceValues {
  return {
    before: before && visibleValues(source, before),
    switchedOn: switchedOn && visibleValues(source, switchedOn),
  };
}

function sectionsOf({ before, switchedOn }: SourceValues, name: string): SourceValues {
  return { before: sectionOf(before, name), switchedOn: sectionOf(switchedOn, name) };
}

function sectionOf(values: JsonObject | undefined, name: string): JsonObject | undefined {
  const section = values && getKey(values, name);
  return isObject(section) ? section : undefined;
}

/** Finds the name in a source's values of the subchart that a child is taken from. */
function nameInSourceValues({ dependencies }: Chart, { name, source }: ResolvedNode): string {
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
