import { isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import { copyMap } from './copy-maps.ts';
import { findTable } from './enable-charts.ts';
import type { DependencyEntry, LoadedChart } from './loaded-chart.ts';
import { chargeSteps, checkDepth, type MergeBudget } from './merge-budget.ts';
import { coalesceUnder, type HelmMajor, mergeTables } from './merge-values.ts';

/** Settings of one run of {@link importValues}. */
export interface ImportOptions {
  major: HelmMajor;
  budget: MergeBudget;
  /** Whether values may share maps of the charts' own; not where anything is imported, since imports are changed. */
  sharesMaps: boolean;
  onMismatch: (path: readonly string[]) => void;
}

/**
 * Imports values of subcharts into their parents, the lowest charts first, in place.
 * Follows Helm's processDependencyImportValues. Each chart with enabled entries then has all values of its subcharts
 * among its own. A chart's own values win over imports, and earlier imports over later ones. A user's values have no
 * effect: Helm imports the charts' own values.
 *
 * @param options.onMismatch called for a subchart whose values are not a map, null included: Helm fails there
 * @throws {RegistryError} `values.invalid` if merging takes too many steps, or a map is imported into itself
 */
export function importValues(chart: LoadedChart, options: ImportOptions, path: readonly string[] = []): void {
  const { major, budget, sharesMaps } = options;
  for (const subchart of chart.subcharts) importValues(subchart, options, [...path, subchart.name]);
  const { entries } = chart.manifest;
  if (!entries) return;
  const onMismatch = (below: readonly string[]) => options.onMismatch([...path, ...below]);
  const values = coalesceUnder(chart, {}, { major, merge: true, budget, sharesMaps, onMismatch });
  if (sharesMaps) {
    chart.values = values;
    return;
  }
  const imported: JsonObject = {};
  for (const entry of entries) {
    for (const { child, parent } of parseValuesImports(entry, major)) {
      checkDepth(parent.length);
      chargeSteps(budget, child.length + parent.length);
      const table = findTable(values, [entry.name, ...child]);
      if (!table) continue;
      // Helm imports an empty map as a new one, and shares any other with the subchart, which sees later additions.
      const shared = Object.keys(table).length > 0 ? table : {};
      mergeTables(imported, parent.reduceRight(nestUnderKey, shared), true, budget);
    }
    entry.imported = true;
  }
  chart.values = copyMap(values, budget);
  mergeTables(chart.values, imported, true, budget);
}

function nestUnderKey(table: JsonObject, key: string): JsonObject {
  const outer: JsonObject = {};
  setKey(outer, key, table);
  return outer;
}

/** An item of `import-values`: a path in the subchart's values and one in the parent's. */
interface ValuesImport {
  child: string[];
  parent: string[];
}

/** Parses `import-values`: `data` is short for `{child: exports.data, parent: .}`. */
function parseValuesImports({ declared, imported }: DependencyEntry, major: HelmMajor): ValuesImport[] {
  const items = declared['import-values'];
  if (!Array.isArray(items) || (major === 3 && imported)) return [];
  return items.flatMap((item): ValuesImport[] => {
    if (typeof item === 'string') return [{ child: `exports.${item}`.split('.'), parent: [] }];
    if (!isObject(item)) return [];
    const parent = printAsGo(item.parent);
    return [{ child: printAsGo(item.child).split('.'), parent: parent === '.' ? [] : parent.split('.') }];
  });
}

/** Prints a value as Go does: an absent one is `<nil>`. */
function printAsGo(value: Json | undefined): string {
  return value === undefined || value === null ? '<nil>' : String(value);
}
