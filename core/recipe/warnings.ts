import type { Chart, Dependency } from '../chart/chart.ts';
import { coalesceValues } from '../chart/coalesce.ts';
import type { JsonObject } from '../chart/json.ts';
import { findPath } from '../chart/live-charts.ts';
import { composeTree } from './compose-tree.ts';
import { findDroppedTemplates } from './dropped-templates.ts';
import type { Plan } from './plan.ts';
import type { ResolvedNode } from './resolve-tree.ts';
import { findValueWarnings } from './value-warnings.ts';

/** Something that a recipe may well mean, but that its author would want to know. */
export interface Warning {
  code:
    | 'source.deprecated'
    | 'template.dropped'
    | 'condition.void'
    | 'condition.renamed'
    | 'schema.unchecked'
    | 'comments.lost'
    | 'values.shadowed'
    | 'values.renamed'
    | 'values.null'
    | 'values.imported'
    | 'values.differ'
    | 'values.majors'
    | 'key.ignored';
  /** The node's, in the recipe. */
  pointer: string;
  message: string;
}

/** Looks through a plan's sources, templates included, for what composing them changes. */
export function findWarnings(root: ResolvedNode, plan: Plan): Warning[] {
  const composed = composeTree(root, plan);
  const values = coalesceValues(composed);
  const nodes = walk(root, composed, '');
  return [
    ...nodes.flatMap(({ node }) => deprecated(node)),
    ...findDroppedTemplates(root),
    ...nodes.flatMap((place) => conditions(place, values)),
    ...findValueWarnings(root, plan),
  ];
}

/** A node, the chart that becomes of it, and where its values stand. */
interface Place {
  node: ResolvedNode;
  chart: Chart;
  path: string;
}

function walk(node: ResolvedNode, chart: Chart, path: string): Place[] {
  const below = node.children.flatMap((child) => {
    const inside = chart.subcharts.find(({ name }) => name === child.name);
    return inside ? walk(child, inside, `${path}${child.name}.`) : [];
  });
  return [{ node, chart, path }, ...below];
}

function deprecated({ source, pointer }: ResolvedNode): Warning[] {
  if (source.manifest.deprecated !== true) return [];
  const message = `${source.name} ${source.version} is deprecated by its authors.`;
  return [{ code: 'source.deprecated', pointer, message }];
}

function conditions({ node, chart, path }: Place, values: JsonObject): Warning[] {
  const before = coalesceValues(node.source);
  return chart.dependencies.flatMap((entry): Warning[] => {
    const paths = pathsOf(entry);
    if (paths.length === 0) return [];
    const child = node.children.find(({ name }) => name === entry.name);
    const pointer = child?.pointer ?? node.pointer;
    const switched = paths.find((part) => isSwitch(values, `${path}${part}`));
    if (switched === undefined) {
      if (!paths.some((part) => isSwitch(before, part))) return [];
      const message = `${entry.alias || entry.name} is always on: nothing is left at its condition ${paths.join(', ')}.`;
      return [{ code: 'condition.void', pointer, message }];
    }
    const [first] = switched.split('.');
    if (!child || first === child.name || first !== child.source.name) return [];
    const message = `${child.name} is still switched by ${switched}, not by ${child.name}.${switched.split('.').slice(1).join('.')}.`;
    return [{ code: 'condition.renamed', pointer, message }];
  });
}

function pathsOf({ condition }: Dependency): string[] {
  return typeof condition === 'string' ? condition.trim().split(',').filter(Boolean) : [];
}

function isSwitch(values: JsonObject, path: string): boolean {
  return typeof findPath(values, path.split('.')) === 'boolean';
}
