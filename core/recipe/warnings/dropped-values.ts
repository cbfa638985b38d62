import { findValueAt } from '../../chart/enabled-charts.ts';
import type { ValueGuard, ValueRead } from '../../chart/templates/template-notes.ts';
import { equalJson, getKey, isObject, type Json, type JsonObject } from '../../yaml/json.ts';
import { appendPointer } from '../../yaml/json-pointer.ts';
import { configTree } from '../compose-values.ts';
import type { Plan } from '../plan.ts';
import type { ResolvedNode } from '../resolve-tree.ts';
import { joinFirstNames, type Warning } from '../warning.ts';
import type { ChartPlace } from './places.ts';
import type { SourceFacts } from './source-facts.ts';

/** A read whose value the source had and the new chart lacks. */
interface Loss {
  read: ValueRead;
  /** Whether rendering fails there, rather than giving another result. */
  fails: boolean;
}

/** Largest number of reads that are compared; a recipe of a hundred large charts has 50,000. */
const maxCompared = 100_000;

/**
 * Finds values that templates read, that the source had, and that the new chart lacks.
 * Such values were defaults of subcharts that are dropped or renamed, or the recipe removes them.
 *
 * No warning is given if rendering comes out the same: the new values do not reach the read, the lost value was an
 * empty text or a false condition, or a default in the template equals the lost value. Nor is one given if the recipe
 * sets that very value to null. There is one warning for each subchart; unless values are merged, one for each chart.
 */
export function findDroppedValues(
  root: ResolvedNode,
  plan: Plan,
  places: readonly ChartPlace[],
  facts: SourceFacts,
): Warning[] {
  const config = configTree(root);
  let compared = 0;
  return places.flatMap((place) => {
    const { before } = place;
    if (!before) return [];
    const groups = new Map<string, Loss[]>();
    for (const read of facts.notesOf(place.source).reads) {
      compared += 1;
      if (compared > maxCompared) break;
      const loss = findLoss(read, before, place.after);
      if (!loss || findValueAt(config, [...place.path, ...read.path]) === null) continue;
      const key = plan.values === 'merge' ? (read.path[0] ?? '') : '';
      const group = groups.get(key) ?? [];
      group.push(loss);
      groups.set(key, group);
    }
    return [...groups.values()].map((losses) => warnOf(place, plan, losses));
  });
}

function findLoss(read: ValueRead, before: JsonObject, after: JsonObject): Loss | undefined {
  const { path, needs = path.length - 1, fallback, decides, guards = [] } = read;
  const value = findValueAt(before, path) ?? null;
  if (value === null || (findValueAt(after, path) ?? null) !== null) return undefined;
  if (!guards.every((guard) => guardPasses(guard, before, after))) return undefined;
  const fails = !isObject(findValueAt(after, path.slice(0, needs)));
  if (!fails) {
    if (value === '' || (decides && !isTruthy(value))) return undefined;
    if (fallback !== undefined && equalJson(fallback, value)) return undefined;
  }
  return { read, fails };
}

/**
 * Checks whether a guard lets the read happen in the new chart, or stopped it only because its own value was lost
 * too.
 */
function guardPasses(guard: ValueGuard, before: JsonObject, after: JsonObject): boolean {
  if (guardHolds(guard, after)) return true;
  return guardHolds(guard, before) && findValueAt(after, guard.path) === undefined;
}

function guardHolds({ path, not, equals }: ValueGuard, values: JsonObject): boolean {
  const value = findValueAt(values, path) ?? null;
  return (equals === undefined ? isTruthy(value) : equalJson(value, equals)) !== (not === true);
}

/** Evaluates truth as Go's text/template does. */
function isTruthy(value: Json): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isObject(value) ? Object.keys(value).length > 0 : Boolean(value);
}

function warnOf(place: ChartPlace, { values }: Plan, losses: readonly Loss[]): Warning {
  const rank = ({ fails, read }: Loss) => (fails ? 0 : 2) + (read.decides ? 1 : 0);
  const [first, ...others] = losses.toSorted((left, right) => rank(left) - rank(right));
  if (!first) throw new Error('a warning without a lost value');
  const { file, line, path } = first.read;
  const value = path.join('.');
  const effect = first.fails ? ', where rendering fails' : '';
  const more = [...new Set(others.map(({ read }) => read.path.join('.')))].filter((right) => right !== value);
  const count =
    more.length === 1 ? '1 more value that it reads is' : `${more.length} more values that it reads are`;
  const rest = more.length > 0 ? ` ${count} gone too (${joinFirstNames(more)}).` : '';
  const { name, version } = place.source;
  const message = `${file}:${line} of ${name} ${version} reads .Values.${value}${effect}: ${explain(place, values, path)}${rest}`;
  return { code: 'values.dropped', pointer: place.node.pointer, message, file, line, value };
}

function explain(place: ChartPlace, mode: Plan['values'], path: readonly string[]): string {
  const [first = ''] = path;
  const { node, isNode, source } = place;
  const key = [...place.path.slice(isNode ? place.path.length : depthOf(place)), ...path].reduce<string>(
    appendPointer,
    `${node.pointer}/_config`,
  );
  if (mode !== 'merge') {
    return `its default is gone, for save.values is ${mode}. Set it in the recipe (${key}), or merge the values.`;
  }
  const entry = source.dependencies.find(({ name, alias }) => (alias || name) === first);
  const chartName = entry?.name ?? first;
  const wasInside = source.subcharts.some(({ name }) => name === chartName);
  const isThere =
    getKey(place.after, first) !== undefined && place.chart.subcharts.some(({ name }) => name === first);
  if (!isNode || !wasInside || isThere) return `the recipe removes its default. Set it at ${key}.`;
  const renamed = node.children.find((child) => child.source.name === chartName && child.name !== first);
  if (renamed) {
    return `it is a default of ${chartName}, whose values are under ${renamed.name} now. Call the child ${first}, or set it at ${key} too.`;
  }
  return `it is a default of ${chartName}, which the recipe drops. Name ${first} as a child, keep the subcharts, or set it at ${key}.`;
}

/** Counts the names on the way to the node that keeps a chart. */
function depthOf({ node }: ChartPlace): number {
  return node.pointer.split('/').length - 2;
}
