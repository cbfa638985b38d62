import { compareBytes } from '../archive/chart-order.ts';
import type { Chart, Dependency } from '../chart/chart.ts';
import { createRangeMatcher, type RangeMatcher } from '../semver/range-matcher.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import { invalidRecipe } from './expect.ts';
import type { PlannedSource } from './plan.ts';

/** A subchart of a source that stays as it is. */
export interface KeptSubchart {
  chart: Chart;
  /** Its folder in `charts/`. */
  folder: string;
  /** Names in its parent's values: for each entry that declares it the alias, or the name if there is no alias. */
  names: string[];
}

/** Subcharts of a source that stay, and the entries that declare them. */
export interface KeptSubcharts {
  subcharts: KeptSubchart[];
  entries: ReadonlySet<Dependency>;
}

/** The name and source of a child: all that decides which subchart it replaces. */
interface Child {
  name: string;
  source: PlannedSource;
}

/**
 * Finds the subcharts that `"subcharts": "keep"` keeps: all that the recipe does not name.
 * A recipe names a subchart by giving a child its name or its alias, or by taking it out of the source
 * (`"independent": false`) under any name.
 *
 * @param pointer the node's pointer
 * @throws {RegistryError} `recipe.invalid` if a child has the name of a chart that stays under an alias: Helm finds
 *   charts by the name in their Chart.yaml, and could not distinguish the two.
 */
export function keepSubcharts(source: Chart, children: readonly Child[], pointer: string): KeptSubcharts {
  const names = new Set(children.map(({ name }) => name));
  const isExtracted = (chart: Chart) =>
    children.some(
      ({ source: from }) =>
        from.kind === 'subchart' && from.chart === chart.name && from.version === chart.version,
    );
  const ranges = createRangeMatcher();
  const declared = source.dependencies.map((entry) => ({
    entry,
    chart: findDeclared(source, entry, ranges),
  }));
  const entries = declared.filter(
    ({ entry, chart }) => chart && !isExtracted(chart) && !names.has(entry.alias || entry.name),
  );
  const folders = new Set<string>();
  const subcharts = source.subcharts.flatMap((chart) => {
    const declarations = entries.filter((declaration) => declaration.chart === chart);
    const undeclared = !declared.some((declaration) => declaration.chart === chart);
    if (isExtracted(chart) || (declarations.length === 0 && !(undeclared && !names.has(chart.name))))
      return [];
    if (names.has(chart.name)) throw nameConflict(chart, declarations[0]?.entry.alias, pointer);
    const effectiveNames = declarations.map(({ entry }) => entry.alias || entry.name);
    return [
      { chart, folder: chooseFolder(chart, folders), names: undeclared ? [chart.name] : effectiveNames },
    ];
  });
  return { subcharts, entries: new Set(entries.map(({ entry }) => entry)) };
}

/** Keeps all subcharts of a chart that stays whole. */
export function keepAll(chart: Chart): KeptSubchart[] {
  return keepSubcharts(chart, [], '').subcharts;
}

/** Finds the subchart that an entry declares, by name and range, as Helm does. */
function findDeclared(source: Chart, { name, version }: Dependency, ranges: RangeMatcher): Chart | undefined {
  const named = source.subcharts.filter((chart) => chart.name === name);
  return named.find((chart) => version !== undefined && ranges.isInRange(version, chart.version)) ?? named[0];
}

/** Chooses a free folder: Helm loads two charts of one name, but they cannot share a folder. */
function chooseFolder(chart: Chart, usedFolders: Set<string>): string {
  let folder = chart.name;
  for (let count = 1; usedFolders.has(folder); count += 1) {
    folder = `${chart.name}-${chart.version}${count > 1 ? `-${count}` : ''}`;
  }
  usedFolders.add(folder);
  return folder;
}

function nameConflict(chart: Chart, alias: string | undefined, pointer: string): Error {
  return invalidRecipe(
    appendPointer(pointer, chart.name),
    `has the name of the chart that is kept as ${alias ?? chart.name}, and Helm could not tell them apart: give the child another name, or name ${alias ?? chart.name} in the recipe too`,
  );
}

/** Sorts by folder, in order of bytes. */
export function orderByFolder<T extends { folder: string }>(parts: readonly T[]): T[] {
  return parts.toSorted((left, right) => compareBytes(left.folder, right.folder));
}
