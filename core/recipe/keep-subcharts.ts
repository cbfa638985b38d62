import { compareBytes } from '../archive/chart-order.ts';
import type { Chart, Dependency } from '../chart/chart.ts';
import { isInRange } from '../semver/constraint.ts';
import { invalidRecipe } from './expect.ts';
import type { PlannedSource } from './plan.ts';
import { appendPointer } from './pointer.ts';

/** A subchart of a source that stays as it is. */
export interface KeptSubchart {
  chart: Chart;
  /** In `charts/`. */
  folder: string;
  /** What its parent's values call it: once for each entry that declares it, by the alias where there is one. */
  names: string[];
}

/** What stays of a source's own subcharts, and the entries that declare them. */
export interface KeptSubcharts {
  subcharts: KeptSubchart[];
  entries: ReadonlySet<Dependency>;
}

/** A child as far as it matters to what it replaces. */
interface Child {
  name: string;
  source: PlannedSource;
}

/**
 * What `"subcharts": "keep"` keeps: every subchart that the recipe does not name. A recipe names one by giving a child its
 * name, or the alias that it is declared with, or by taking it out of the source (`"independent": false`), under
 * whatever name.
 *
 * @param pointer the node's
 * @throws {RegistryError} `recipe.invalid` when a child has the name of a chart that stays under an alias: Helm finds charts
 *   by the name in their Chart.yaml, and could not tell the two apart.
 */
export function keepSubcharts(source: Chart, children: readonly Child[], pointer: string): KeptSubcharts {
  const names = new Set(children.map(({ name }) => name));
  const taken = (chart: Chart) =>
    children.some(
      ({ source: from }) =>
        from.kind === 'subchart' && from.chart === chart.name && from.version === chart.version,
    );
  const declared = source.dependencies.map((entry) => ({ entry, chart: findDeclared(source, entry) }));
  const entries = declared.filter(
    ({ entry, chart }) => chart && !taken(chart) && !names.has(entry.alias || entry.name),
  );
  const folders = new Set<string>();
  const subcharts = source.subcharts.flatMap((chart) => {
    const own = entries.filter((declaration) => declaration.chart === chart);
    const undeclared = !declared.some((declaration) => declaration.chart === chart);
    if (taken(chart) || (own.length === 0 && !(undeclared && !names.has(chart.name)))) return [];
    if (names.has(chart.name)) throw clash(chart, own[0]?.entry.alias, pointer);
    const called = own.map(({ entry }) => entry.alias || entry.name);
    return [{ chart, folder: chooseFolder(chart, folders), names: undeclared ? [chart.name] : called }];
  });
  return { subcharts, entries: new Set(entries.map(({ entry }) => entry)) };
}

/** All subcharts of a chart that stays whole. */
export function keepAll(chart: Chart): KeptSubchart[] {
  return keepSubcharts(chart, [], '').subcharts;
}

/** The subchart that an entry declares: of its name and in its range, as Helm finds it. */
function findDeclared(source: Chart, { name, version }: Dependency): Chart | undefined {
  const named = source.subcharts.filter((chart) => chart.name === name);
  return named.find((chart) => version !== undefined && isInRange(version, chart.version)) ?? named[0];
}

/** Two charts of one name, which Helm loads, cannot share a folder. */
function chooseFolder(chart: Chart, taken: Set<string>): string {
  let folder = chart.name;
  for (let count = 1; taken.has(folder); count += 1) {
    folder = `${chart.name}-${chart.version}${count > 1 ? `-${count}` : ''}`;
  }
  taken.add(folder);
  return folder;
}

function clash(chart: Chart, alias: string | undefined, pointer: string): Error {
  return invalidRecipe(
    appendPointer(pointer, chart.name),
    `has the name of the chart that is kept as ${alias ?? chart.name}, and Helm could not tell them apart: give the child another name, or name ${alias ?? chart.name} in the recipe too`,
  );
}

/** By folder. */
export function orderByFolder<T extends { folder: string }>(parts: readonly T[]): T[] {
  return parts.toSorted((left, right) => compareBytes(left.folder, right.folder));
}
