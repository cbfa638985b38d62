import type { Dependency } from '../../chart/chart.ts';
import { findValueAt } from '../../chart/enabled-charts.ts';
import { boundText } from '../../runtime/bound-text.ts';
import type { Json, JsonObject } from '../../yaml/json.ts';
import type { Warning } from '../warning.ts';
import type { ChartPlace } from './places.ts';

/**
 * Finds conditions that no longer switch their dependency as they did in the source.
 * The value is gone, or it is not a boolean, which Helm ignores with a line in its log (chartutil,
 * processDependencyConditions), or it stands under another chart's name.
 */
export function findConditionWarnings(places: readonly ChartPlace[]): Warning[] {
  return places.flatMap((place) =>
    place.isNode ? place.chart.dependencies.flatMap((entry) => findLostConditions(place, entry)) : [],
  );
}

function findLostConditions({ node, before, after }: ChartPlace, entry: Dependency): Warning[] {
  const paths = conditionPathsOf(entry);
  if (paths.length === 0) return [];
  const child = node.children.find(({ name }) => name === entry.name);
  const pointer = child?.pointer ?? node.pointer;
  const effectiveName = entry.alias || entry.name;
  const switched = paths.find((path) => isBooleanAt(after, path));
  if (switched === undefined) {
    const nonBoolean = paths.find((path) => (valueAt(after, path) ?? null) !== null);
    if (nonBoolean === undefined && !paths.some((path) => isBooleanAt(before, path))) return [];
    const finding =
      nonBoolean === undefined
        ? 'has no value'
        : `is ${quote(valueAt(after, nonBoolean))}, neither true nor false`;
    const message = `${effectiveName} is always on: its condition ${paths.join(', ')} ${finding}. Set it to true or false.`;
    return [{ code: 'condition.void', pointer, message }];
  }
  const [first, ...rest] = switched.split('.');
  if (!child || first === child.name || first !== child.source.name) return [];
  const message = `${child.name} is still switched by ${switched}, not by ${[child.name, ...rest].join('.')}.`;
  return [{ code: 'condition.renamed', pointer, message }];
}

function conditionPathsOf({ condition }: Dependency): string[] {
  return typeof condition === 'string' ? condition.trim().split(',').filter(Boolean) : [];
}

function valueAt(values: JsonObject | undefined, path: string): Json | undefined {
  return findValueAt(values, path.split('.'));
}

function isBooleanAt(values: JsonObject | undefined, path: string): boolean {
  return typeof valueAt(values, path) === 'boolean';
}

function quote(value: Json | undefined): string {
  return boundText(JSON.stringify(value ?? null), 40);
}
