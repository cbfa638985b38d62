import type { Random } from '../support/random.ts';

/** Chart of a graph: a leaf without sources, or a chart that is composed of charts of lower levels. */
export interface GraphChart {
  name: string;
  level: number;
  /** Names of its sources; the first is the root source. */
  sources: readonly string[];
}

/** Size of a graph. */
export interface GraphSize {
  /** Charts that are uploaded. */
  leaves: number;
  /** Charts that are composed and follow their sources. */
  composed: number;
  /** Levels of composed charts. */
  levels: number;
}

/**
 * Makes a graph of charts, from the leaves up.
 * Each composed chart has a source on the level below it and up to two on any lower one, so that ways of different
 * lengths lead to it.
 */
export function makeGraph({ leaves, composed, levels }: GraphSize, random: Random): GraphChart[] {
  const charts: GraphChart[] = Array.from({ length: leaves }, (_, index) => ({
    name: `leaf-${index}`,
    level: 0,
    sources: [],
  }));
  for (let index = 0; index < composed; index += 1) {
    const level = 1 + Math.floor((index * levels) / composed);
    const lower = charts.filter((chart) => chart.level < level);
    const below = lower.filter((chart) => chart.level === level - 1);
    const names = [random.pick(below), random.pick(lower), random.pick(lower)].map(({ name }) => name);
    charts.push({ name: `level-${level}-${index}`, level, sources: [...new Set(names)] });
  }
  return charts;
}

/** Finds the charts that contain one of some charts, at any depth. */
export function findDependents(graph: readonly GraphChart[], changed: readonly string[]): Set<string> {
  const found = new Set(changed);
  // Sources stand before the charts that are made of them.
  for (const { name, sources } of graph) if (sources.some((source) => found.has(source))) found.add(name);
  for (const name of changed) found.delete(name);
  return found;
}
