import { getKey, isObject, type JsonObject } from '../yaml/json.ts';
import type { Chart, Dependency } from './chart.ts';
import { copyMap, globalKey } from './copy-maps.ts';
import { enableCharts, type ReadLeaf } from './enable-charts.ts';
import { type EnabledChart, toEnabled } from './enabled-charts.ts';
import { importValues } from './import-values.ts';
import { loadChart } from './loaded-chart.ts';
import { holdsNull, mapsHoldNull } from './map-facts.ts';
import { createMergeBudget, type MergeBudget } from './merge-budget.ts';
import { coalesceUnder, type HelmMajor } from './merge-values.ts';

/** The values that Helm computes of a chart. */
export interface ComputedValues {
  /** Values as the root's templates see them; a subchart's stand under its name. Read only. */
  values: JsonObject;
  chart: EnabledChart;
  /** Places of subcharts whose values are not a map, null included: Helm fails there. */
  mismatches: string[][];
}

/** The major of Helm whose values are shown if Helm 3 and 4 differ. */
export const shownHelmMajor: HelmMajor = 4;

/** Number of this computation, stored with values. Raise it if a chart gets other values or notes than before. */
export const valuesComputationVersion = 4;

/**
 * First computation whose values are those of the present one; its notes may differ. Values since then are served where
 * the archive cannot be read. Set it to `valuesComputationVersion` if a chart gets other values than before. Until 4,
 * charts with a subchart called `global`, or with two under one name, lacked some globals: too few to refuse all for.
 */
export const valuesUnchangedSince = 1;

/**
 * Computes the values that templates get, as `helm template` does.
 * Conditions, tags, aliases, import-values, globals and nulls are applied (ProcessDependencies, then ToRenderValues).
 * The majors differ, by their sources:
 *
 * - Several documents in values.yaml: Helm 3 reads the first, Helm 4 merges all.
 * - Null in a chart's own values.yaml: Helm 4 removes it, Helm 3 keeps it.
 * - A chart under two aliases: for the second alias, Helm 3 loses the imports and aliases of its entries.
 *
 * @param options.userValues a user's values, as by `-f`
 * @param options.readLeaf reads marked values
 * @param options.budget reduced by the steps of this computation
 * @throws {RegistryError} `values.invalid` if merging takes too many steps, or a map would be within itself
 */
export function computeValues(
  source: Chart,
  {
    major = shownHelmMajor,
    userValues = {},
    readLeaf,
    budget = createMergeBudget(),
  }: { major?: HelmMajor; userValues?: JsonObject; readLeaf?: ReadLeaf; budget?: MergeBudget } = {},
): ComputedValues {
  const mismatches = new Map<string, string[]>();
  const onMismatch = (path: readonly string[]) => mismatches.set(path.join('\0'), [...path]);
  const chart = loadChart(source, major);
  // In a plain chart, merging subcharts into their parents first changes nothing, so values are merged only for
  // conditions.
  const sharesMaps = !hasImports(source);
  const isPlain = isPlainUnder(source, userValues);
  enableCharts(chart, userValues, '', {
    major,
    budget,
    merging: isPlain ? 'when asked' : 'always',
    sharesMaps,
    onMismatch,
    readLeaf,
  });
  if (!isPlain) importValues(chart, { major, budget, sharesMaps, onMismatch });
  const values = coalesceUnder(chart, copyMap(userValues, budget), {
    major,
    merge: false,
    budget,
    sharesMaps,
    onMismatch,
  });
  return { values, chart: toEnabled(chart), mismatches: [...mismatches.values()] };
}

/**
 * Checks that a chart's values are merged simply under those of a user. Neither has nulls or maps under
 * `global`, at any depth. The chart has no imports, second YAML documents, charts called `global` or two charts under
 * one name either. Both majors compute the same values of such a chart, unless it declares a chart twice (see
 * `majorsAgree`).
 */
export function isPlainUnder(source: Chart, userValues: JsonObject): boolean {
  // A scalar that was merged into a subchart's section before stays there, though a user sets a map in its place.
  return isPlainChart(source) && !holdsNull(userValues) && !holdsDeepGlobal(userValues);
}

function isPlainChart({ values, firstValues, dependencies, subcharts }: Chart): boolean {
  return (
    firstValues === undefined &&
    !importsAny(dependencies) &&
    hasSectionOfEach(dependencies, subcharts) &&
    !mapsHoldNull(values) &&
    !holdsDeepGlobal(values) &&
    subcharts.every(isPlainChart)
  );
}

/**
 * Checks that no section of values belongs to two charts, nor is one the globals. Merging such subcharts into their
 * parent first passes globals further down.
 */
function hasSectionOfEach(dependencies: readonly Dependency[], subcharts: readonly Chart[]): boolean {
  const entries = dependencies.map(({ name, alias }) => alias || name);
  const aliases = entries.filter((name, index) => name !== dependencies[index]?.name);
  const names = [...subcharts.map(({ name }) => name), ...aliases];
  return [entries, names].every((list) => new Set(list).size === list.length) && !names.includes(globalKey);
}

/** Checks whether a chart, or one inside it, declares imports of values. */
export function hasImports({ dependencies, subcharts }: Chart): boolean {
  return importsAny(dependencies) || subcharts.some(hasImports);
}

function importsAny(dependencies: readonly Dependency[]): boolean {
  return dependencies.some((entry) => Array.isArray(entry['import-values']));
}

function holdsDeepGlobal(values: JsonObject): boolean {
  const global = getKey(values, globalKey);
  if (isObject(global) ? Object.values(global).some(isObject) : global !== undefined) return true;
  return Object.values(values).some((value) => isObject(value) && holdsDeepGlobal(value));
}
