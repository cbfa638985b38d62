import { isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import { findTable } from './enable-charts.ts';
import type { Entry, LoadedChart } from './loaded-chart.ts';
import { coalesceUnder, copyMap, type HelmMajor, mergeTables, type Work } from './merge-values.ts';

/** Settings of one run of {@link importValues}. */
export interface Importing {
  major: HelmMajor;
  work: Work;
  onMismatch: (path: readonly string[]) => void;
}

/**
 * Imports values of subcharts into their parents, the lowest charts first, in place.
 * Follows Helm's processDependencyImportValues. Each chart with enabled entries then has all values of its subcharts
 * among its own. A chart's own values win over imports, and earlier imports over later ones. A user's values have no
 * effect: Helm imports the charts' own values.
 *
 * @param how.onMismatch called for a subchart whose values are not a map, null included: Helm fails there
 */
export function importValues(chart: LoadedChart, how: Importing, path: readonly string[] = []): void {
  const { major, work } = how;
  for (const subchart of chart.subcharts) importValues(subchart, how, [...path, subchart.name]);
  const { entries } = chart.manifest;
  if (!entries) return;
  const onMismatch = (below: readonly string[]) => how.onMismatch([...path, ...below]);
  const values = coalesceUnder(chart, {}, { major, merge: true, work, onMismatch });
  const imported: JsonObject = {};
  for (const entry of entries) {
    for (const { child, parent } of importsOf(entry, major)) {
      const table = findTable(values, [entry.name, ...child]);
      if (!table) continue;
      // Helm imports an empty map as a new one, and shares any other with the subchart, which sees later additions.
      const shared = Object.keys(table).length > 0 ? table : {};
      mergeTables(imported, parent.reduceRight(wrap, shared), true, work);
    }
    entry.imported = true;
  }
  chart.values = copyMap(values, work);
  mergeTables(chart.values, imported, true, work);
}

function wrap(table: JsonObject, key: string): JsonObject {
  const outer: JsonObject = {};
  setKey(outer, key, table);
  return outer;
}

/** An item of `import-values`: a path in the subchart's values and one in the parent's. */
interface Import {
  child: string[];
  parent: string[];
}

/** Parses `import-values`: `data` is short for `{child: exports.data, parent: .}`. */
function importsOf({ declared, imported }: Entry, major: HelmMajor): Import[] {
  const items = declared['import-values'];
  if (!Array.isArray(items) || (major === 3 && imported)) return [];
  return items.flatMap((item): Import[] => {
    if (typeof item === 'string') return [{ child: `exports.${item}`.split('.'), parent: [] }];
    if (!isObject(item)) return [];
    const parent = print(item.parent);
    return [{ child: print(item.child).split('.'), parent: parent === '.' ? [] : parent.split('.') }];
  });
}

/** Prints a value as Go does: an absent one is `<nil>`. */
function print(value: Json | undefined): string {
  return value === undefined || value === null ? '<nil>' : String(value);
}
