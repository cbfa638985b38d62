import { isInRange } from '../semver/constraint.ts';
import { getKey, isObject, type JsonObject } from '../yaml/json.ts';
import { copyForEntry, type Entry, type LoadedChart } from './loaded-chart.ts';
import { coalesceUnder, copyMap, type HelmMajor, type Work } from './merge-values.ts';

/** Settings of one run of {@link enableCharts}. */
export interface Enabling {
  major: HelmMajor;
  work: Work;
  /**
   * When values are merged to evaluate conditions and tags: `when asked` merges only if a chart has any, `never`
   * keeps all charts enabled.
   */
  merging: 'always' | 'when asked' | 'never';
  /** Called with the place of a subchart whose values are not a map. */
  onMismatch: (path: readonly string[]) => void;
}

/**
 * Renames declared subcharts to their aliases and removes disabled ones, in place.
 * Follows Helm's processDependencyEnabled: subcharts without an entry come first, then one for each entry. Below a
 * chart that declares nothing, Helm applies no conditions.
 *
 * @param given values of the user; below the root, those merged for the parent
 * @param path the chart's place, with a dot behind it; empty for the root
 */
export function enableCharts(chart: LoadedChart, given: JsonObject, path: string, how: Enabling): void {
  const { entries } = chart.manifest;
  if (!entries) return;
  nameSubcharts(chart, entries, how);
  const asked = how.merging === 'always' || (how.merging === 'when asked' && asksForValues(chart));
  const values = asked ? mergeAll(chart, given, how) : given;
  if (asked) switchByTags(entries, values);
  if (asked) for (const entry of entries) entry.enabled = readCondition(entry, path, values) ?? entry.enabled;
  const off = new Set(entries.filter(({ enabled }) => !enabled).map(({ name }) => name));
  const on = chart.subcharts.filter(({ name }) => !off.has(name));
  for (const subchart of on) enableCharts(subchart, values, `${path}${subchart.name}.`, how);
  const left = entries.filter(({ name }) => !off.has(name));
  chart.manifest.entries = left.length > 0 ? left : undefined;
  chart.subcharts = on;
}

function nameSubcharts(chart: LoadedChart, entries: readonly Entry[], { major, work }: Enabling): void {
  const isMeant = ({ name, declared }: Entry, { manifest, source }: LoadedChart) =>
    name === manifest.name && isInRange(declared.version ?? '', source.version);
  const named = chart.subcharts.filter((subchart) => !entries.some((entry) => isMeant(entry, subchart)));
  for (const entry of entries) {
    const found = chart.subcharts.find((subchart) => isMeant(entry, subchart));
    if (found) named.push(copyForEntry(found, entry, major, work));
    entry.name = entry.declared.alias || entry.name;
    entry.enabled = true;
  }
  chart.subcharts = named;
}

/** Checks whether an entry here or below has a condition or tags. */
function asksForValues({ manifest, subcharts }: LoadedChart): boolean {
  const asks = ({ declared: { condition, tags } }: Entry) => condition !== undefined || tags !== undefined;
  return (manifest.entries?.some(asks) ?? false) || subcharts.some(asksForValues);
}

function mergeAll(chart: LoadedChart, given: JsonObject, { major, work, onMismatch }: Enabling): JsonObject {
  return coalesceUnder(chart, copyMap(given, work), { major, merge: false, work, onMismatch });
}

/** Disables entries of which a tag is false and none is true. */
function switchByTags(entries: readonly Entry[], values: JsonObject): void {
  const tags = getKey(values, 'tags');
  if (!isObject(tags)) return;
  for (const entry of entries) {
    const { tags: named } = entry.declared;
    const said = (Array.isArray(named) ? named : []).map((tag) =>
      typeof tag === 'string' ? getKey(tags, tag) : undefined,
    );
    entry.enabled = said.includes(true) || !said.includes(false);
  }
}

/** Evaluates a condition: the first path that leads to true or false decides. */
function readCondition({ declared }: Entry, path: string, values: JsonObject): boolean | undefined {
  if (typeof declared.condition !== 'string') return undefined;
  for (const part of declared.condition.trim().split(',')) {
    const [key = '', ...above] = part === '' ? [] : `${path}${part}`.split('.').reverse();
    const value = getKey(findTable(values, above.reverse()) ?? {}, key);
    if (part !== '' && typeof value === 'boolean') return value;
  }
  return undefined;
}

/** Finds the map at a path of maps (Helm's Values.Table). */
export function findTable(values: JsonObject, path: readonly string[]): JsonObject | undefined {
  let table = values;
  for (const key of path) {
    const found = getKey(table, key);
    if (!isObject(found)) return undefined;
    table = found;
  }
  return table;
}
