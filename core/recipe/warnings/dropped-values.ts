import { findValueAt } from '../../chart/enabled-charts.ts';
import type { ValueRead } from '../../chart/templates/template-notes.ts';
import { getKey } from '../../yaml/json.ts';
import { appendPointer } from '../../yaml/json-pointer.ts';
import { configTree } from '../compose-values.ts';
import type { Plan } from '../plan.ts';
import type { ResolvedNode } from '../resolve-tree.ts';
import { joinFirstNames, type Warning } from '../warning.ts';
import { createBorrowedReadsFinder } from './borrowed-reads.ts';
import type { ChartPlace } from './places.ts';
import type { SourceFacts } from './source-facts.ts';
import { findValueLoss, type ValueLoss } from './value-losses.ts';

/** Largest number of reads that are compared; a recipe of a hundred large charts has 50,000. */
const maxComparedReads = 100_000;

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
  const borrowedReads = createBorrowedReadsFinder(places, facts);
  let compared = 0;
  return places.flatMap((place) => {
    const { before, switchedOn, source } = place;
    if ((!before && !switchedOn) || compared >= maxComparedReads) return [];
    const groups = new Map<string, ValueLoss[]>();
    const own = facts.notesOf(source).reads.map((read) => ({ read, owner: source }));
    for (const { read, owner } of [...own, ...borrowedReads(source)]) {
      if (compared >= maxComparedReads) break;
      compared += 1;
      const [key = ''] = read.path;
      if (!read.charts && isUnchanged(key, place)) continue;
      const loss = findValueLoss(read, owner, place);
      if (!loss || findValueAt(config, [...place.path, ...read.path]) === null) continue;
      const groupKey = plan.values === 'merge' ? key : '';
      const group = groups.get(groupKey) ?? [];
      group.push(loss);
      groups.set(groupKey, group);
    }
    return [...groups.values()].map((losses) => warnOf(place, plan, losses));
  });
}

/** Checks whether a key has what it had in the source, down to the same map. No read below it loses a value. */
function isUnchanged(key: string, { before, switchedOn, after }: ChartPlace): boolean {
  if (!before || switchedOn) return false;
  const value = getKey(before, key) ?? null;
  return value !== null && value === getKey(after, key);
}

function warnOf(place: ChartPlace, { values }: Plan, losses: readonly ValueLoss[]): Warning {
  const rank = ({ fails, read }: ValueLoss) => (fails ? 0 : 2) + (read.decides ? 1 : 0);
  const [first, ...others] = losses.toSorted((left, right) => rank(left) - rank(right));
  if (!first) throw new Error('a warning without a lost value');
  const { file, line, path } = first.read;
  const value = path.join('.');
  const effect = first.fails ? ', where rendering fails' : '';
  const more = [...new Set(others.map(({ read }) => read.path.join('.')))].filter((right) => right !== value);
  const count =
    more.length === 1 ? '1 more value that it reads is' : `${more.length} more values that it reads are`;
  const rest = more.length > 0 ? ` ${count} gone too (${joinFirstNames(more)}).` : '';
  const { name, version } = first.owner;
  const user = first.owner === place.source ? '' : ` for ${place.source.name}`;
  const message = `${file}:${line} of ${name} ${version} reads ${expressionOf(first.read)}${user}${effect}: ${explain(place, values, first)}${rest}`;
  return { code: 'values.dropped', pointer: place.node.pointer, message, file, line, value };
}

/** Writes a read as a template does, through subcharts if it leads through them. */
function expressionOf({ path, charts = 0 }: ValueRead): string {
  const through = path.slice(0, charts).map((name) => `.Subcharts.${name}`);
  return [...through, '.Values', ...path.slice(charts).map((key) => `.${key}`)].join('');
}

function explain(place: ChartPlace, mode: Plan['values'], { read, missingChart }: ValueLoss): string {
  const { path } = read;
  const first = missingChart?.at(-1) ?? path[0] ?? '';
  const { node, isNode, source } = place;
  const key = [...place.path.slice(isNode ? place.path.length : depthOfNode(place)), ...path].reduce<string>(
    appendPointer,
    `${node.pointer}/_config`,
  );
  if (mode !== 'merge' && !missingChart) {
    return `its default is gone, for save.values is ${mode}. Set it in the recipe (${key}), or merge the values.`;
  }
  const entry = source.dependencies.find(({ name, alias }) => (alias || name) === first);
  const chartName = entry?.name ?? first;
  const wasInside = source.subcharts.some(({ name }) => name === chartName);
  const isThere =
    getKey(place.after, first) !== undefined && place.chart.subcharts.some(({ name }) => name === first);
  if (!missingChart && (!isNode || !wasInside || isThere))
    return `the recipe removes its default. Set it at ${key}.`;
  const renamed = node.children.find((child) => child.source.name === chartName && child.name !== first);
  const set = missingChart ? '' : `, or set it at ${key} too`;
  if (renamed) {
    return `it is a default of ${chartName}, whose values are under ${renamed.name} now. Call the child ${first}${set}.`;
  }
  const remedies = missingChart ? 'or keep the subcharts' : `keep the subcharts, or set it at ${key}`;
  return `it is a default of ${chartName}, which the recipe drops. Name ${first} as a child, ${remedies}.`;
}

/** Counts the names on the way to the node that keeps a chart. */
function depthOfNode({ node }: ChartPlace): number {
  return node.pointer.split('/').length - 2;
}
