import type { Chart } from '../../chart/chart.ts';
import { explainMajorDifferences } from '../../chart/compare-majors.ts';
import { hasImports, isPlainUnder, shownHelmMajor } from '../../chart/compute-values.ts';
import { holdsNull } from '../../chart/map-facts.ts';
import type { HelmMajor } from '../../chart/merge-values.ts';
import { type Difference, findDifferences, showValue } from '../../chart/value-differences.ts';
import { createValuesByMajor } from '../../chart/values-by-major.ts';
import { isRegistryError } from '../../errors.ts';
import { getKey, isObject, type Json, type JsonObject } from '../../yaml/json.ts';
import { checkComputed, type ReadSchemaFile } from '../check-values.ts';
import { assignEntries } from '../compose-dependencies.ts';
import { configTree } from '../compose-values.ts';
import { toUnconfiguredChart } from '../imported-values.ts';
import { locateValue } from '../locate-value.ts';
import type { NewChart } from '../new-chart.ts';
import type { Plan } from '../plan.ts';
import type { ResolvedNode } from '../resolve-tree.ts';
import type { Warning } from '../warning.ts';

const helmMajors: readonly HelmMajor[] = [3, 4];

/** Largest number of differences that are listed one by one. */
const maxShownDifferences = 10;

/**
 * Warns of values that a recipe's author may not expect.
 *
 * - `values.shadowed`: a child of the same name replaces a source's value.
 * - `values.renamed`: a source's values for a subchart do not reach the child that replaces it under another name.
 * - `values.null`, `values.imported`, `values.differ`: the new chart's values differ from those that Helm computes of
 *   the sources with the whole configuration given by `-f`: because of a null, of import-values, or for another
 *   reason.
 * - `values.majors`: Helm 3 and 4 compute different values of the new chart.
 */
export function findValueWarnings(
  root: ResolvedNode,
  plan: Plan,
  newChart: NewChart,
  read?: ReadSchemaFile,
): Warning[] {
  if (plan.values === 'literal') return [];
  if (plan.values === 'replace') return compareMajors(root, newChart, read);
  return [
    ...walkNodes(root).flatMap((node) => [...findShadowedValues(node), ...findUnreachedValues(node)]),
    ...compareWithHelm(root, newChart),
    ...compareMajors(root, newChart, read),
  ];
}

function walkNodes(node: ResolvedNode): ResolvedNode[] {
  return [node, ...node.children.flatMap(walkNodes)];
}

/** Finds a source's values under the names of children that are not maps, also under those of children further down. */
function findShadowedValues({ source, children }: ResolvedNode): Warning[] {
  const findBelow = (values: JsonObject, nodes: readonly ResolvedNode[], prefix: string): Warning[] =>
    nodes.flatMap(({ name, pointer, children: below }): Warning[] => {
      const key = `${prefix}${name}`;
      const value = getKey(values, name);
      if (isObject(value)) return findBelow(value, below, `${key}.`);
      if (value === undefined || value === null) return [];
      const message = `${source.name} has the value ${key}: ${showValue(value)}, which the values of the child ${name} replace: its templates that read .Values.${key} get a map. Give the child another name.`;
      return [{ code: 'values.shadowed', pointer, message }];
    });
  return findBelow(source.values, children, '');
}

/** Finds values of a subchart that do not reach the child from elsewhere which takes over its entry. */
function findUnreachedValues({ source, children, kept }: ResolvedNode): Warning[] {
  const available = source.dependencies.filter((entry) => !kept?.entries.has(entry));
  return [...assignEntries(available, children)].flatMap(([entry, child]): Warning[] => {
    const from = entry.alias || entry.name;
    const section = getKey(source.values, from);
    if (child.inside || from === child.name || children.some(({ name }) => name === from)) return [];
    // Values that a condition reads keep working at their old place.
    const condition = String(entry.condition ?? '').split(',');
    const keys = Object.keys(isObject(section) ? section : {});
    const lost = keys.filter((key) => !condition.includes(`${from}.${key}`));
    if (lost.length === 0) return [];
    const message = `${source.name} has values for ${from}, which do not reach ${child.name}: put those that it needs into its _config (${lost.slice(0, 5).join(', ')}).`;
    return [{ code: 'values.renamed', pointer: child.pointer, message }];
  });
}

function compareWithHelm(root: ResolvedNode, { valuesIn }: NewChart): Warning[] {
  const config = configTree(root);
  if (Object.keys(config).length === 0) return [];
  const chart = toUnconfiguredChart(root);
  if (isPlainUnder(chart, config)) return [];
  const places = new Map<string, { difference: Difference; inMajors: HelmMajor[] }>();
  const expectedIn = createValuesByMajor(chart, config);
  // Values that are one object for both majors are compared once.
  const isSame = valuesIn(3) === valuesIn(4) && expectedIn(3) === expectedIn(4);
  for (const major of isSame ? [shownHelmMajor] : helmMajors) {
    for (const difference of findDifferences(valuesIn(major).values, expectedIn(major).values, false)) {
      const key = JSON.stringify(difference);
      const place = places.get(key) ?? { difference, inMajors: [] };
      place.inMajors.push(...(isSame ? helmMajors : [major]));
      places.set(key, place);
    }
  }
  const shown = [...places.values()]
    .slice(0, maxShownDifferences)
    .map(({ difference, inMajors }): Warning => {
      const code = codeFor(config, difference.path, chart);
      const pointer = locateValue(root, difference.path);
      return { code, pointer, message: explain(difference, inMajors, places.size) };
    });
  return shown;
}

function explain({ path, left, right }: Difference, inMajors: readonly HelmMajor[], all: number): string {
  const helm = inMajors.length > 1 ? `Helm ${inMajors.join(' and ')} show` : `Helm ${inMajors.join()} shows`;
  const more = all > maxShownDifferences ? ` ${all - maxShownDifferences} more values differ.` : '';
  return `${path.join('.')}: ${helm} ${showValue(left)} in the new chart, and would show ${showValue(right)} if the sources were given the same configuration by -f. Set the intended value in _config.${more}`;
}

function codeFor(config: JsonObject, path: readonly string[], chart: Chart): Warning['code'] {
  if (hasNullAlongPath(config, path)) return 'values.null';
  return hasImports(chart) ? 'values.imported' : 'values.differ';
}

/** Checks whether a null stands on the way to a place, below it, or in a `global` above it. */
function hasNullAlongPath(config: Json | undefined, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined || !isObject(config)) return holdsNull(config);
  const global = path.includes('global') && holdsNull(getKey(config, 'global'));
  return global || hasNullAlongPath(getKey(config, key), rest);
}

function compareMajors(root: ResolvedNode, newChart: NewChart, read: ReadSchemaFile | undefined): Warning[] {
  const found = explainMajorDifferences(newChart.chart, newChart.valuesIn, 'the new chart');
  if (found === undefined) return [];
  const message = `${found} Set values in _config that hold for both.`;
  return [{ code: 'values.majors', pointer: '/configs', message }, ...checkForHelm3(root, newChart, read)];
}

/** Warns of values that Helm 3 refuses by a schema: a recipe is refused only for Helm 4's values. */
function checkForHelm3(
  root: ResolvedNode,
  { chart, valuesIn }: NewChart,
  read: ReadSchemaFile | undefined,
): Warning[] {
  try {
    checkComputed(chart.name, valuesIn(3), (path) => locateValue(root, path), read);
    return [];
  } catch (error) {
    if (!isRegistryError(error, 'values.invalid')) throw error;
    const pointer = error.details?.pointer ?? '/configs';
    return [{ code: 'values.majors', pointer, message: `Helm 3 refuses the new chart. ${error.message}` }];
  }
}
