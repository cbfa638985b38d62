import { createRangeMatcher } from '../semver/range-matcher.ts';
import { getKey, isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { copySection } from './copy-maps.ts';
import { copyForEntry, type DependencyEntry, type LoadedChart } from './loaded-chart.ts';
import type { MergeBudget } from './merge-budget.ts';
import { coalesceUnder, type HelmMajor, mergesEachSectionOnce } from './merge-values.ts';

/** Settings of one run of {@link enableCharts}. */
export interface EnableOptions {
  major: HelmMajor;
  budget: MergeBudget;
  /**
   * When values are merged to evaluate conditions and tags: `when asked` merges only if a chart has any, `never`
   * keeps all charts enabled.
   */
  merging: 'always' | 'when asked' | 'never';
  /** Whether merged values may share maps of the charts' own values. */
  sharesMaps: boolean;
  /** Called with the place of a subchart whose values are not a map. */
  onMismatch: (path: readonly string[]) => void;
  /** Reads a value that a condition or tag names, where values are marked; by default it is what it is. */
  readLeaf?: ReadLeaf | undefined;
}

/** Reads a value in the place of which a mark may stand. */
export type ReadLeaf = (value: Json | undefined) => Json | undefined;

/**
 * Renames declared subcharts to their aliases and removes disabled ones, in place.
 * Follows Helm's processDependencyEnabled: subcharts without an entry come first, then one for each entry. Below a
 * chart that declares nothing, Helm applies no conditions.
 *
 * @param overrides values of the user; below the root, those merged for the parent
 * @param path the chart's place, with a dot behind it; empty for the root
 */
export function enableCharts(
  chart: LoadedChart,
  overrides: JsonObject,
  path: string,
  options: EnableOptions,
): void {
  const { entries } = chart.manifest;
  if (!entries) return;
  applyAliases(chart, entries, options);
  const mustMerge =
    options.merging === 'always' || (options.merging === 'when asked' && hasConditionsOrTags(chart));
  const values = mustMerge ? coalesceForConditions(chart, overrides, options) : overrides;
  if (mustMerge) disableByTags(entries, values, options);
  if (mustMerge)
    for (const entry of entries) entry.enabled = readCondition(entry, path, values, options) ?? entry.enabled;
  const disabledNames = new Set(entries.filter(({ enabled }) => !enabled).map(({ name }) => name));
  const enabledCharts = chart.subcharts.filter(({ name }) => !disabledNames.has(name));
  for (const subchart of enabledCharts) enableCharts(subchart, values, `${path}${subchart.name}.`, options);
  const enabledEntries = entries.filter(({ name }) => !disabledNames.has(name));
  chart.manifest.entries = enabledEntries.length > 0 ? enabledEntries : undefined;
  chart.subcharts = enabledCharts;
}

function applyAliases(
  chart: LoadedChart,
  entries: readonly DependencyEntry[],
  { major, budget }: EnableOptions,
): void {
  const ranges = createRangeMatcher();
  const matches = ({ name, declared }: DependencyEntry, { manifest, source }: LoadedChart) =>
    name === manifest.name && ranges.isInRange(declared.version ?? '', source.version);
  const named = chart.subcharts.filter((subchart) => !entries.some((entry) => matches(entry, subchart)));
  for (const entry of entries) {
    const found = chart.subcharts.find((subchart) => matches(entry, subchart));
    if (found) named.push(copyForEntry(found, entry, major, budget));
    entry.name = entry.declared.alias || entry.name;
    entry.enabled = true;
  }
  chart.subcharts = named;
}

/** Checks whether an entry here or below has a condition or tags. */
function hasConditionsOrTags({ manifest, subcharts }: LoadedChart): boolean {
  const hasCondition = ({ declared: { condition, tags } }: DependencyEntry) =>
    condition !== undefined || tags !== undefined;
  return (manifest.entries?.some(hasCondition) ?? false) || subcharts.some(hasConditionsOrTags);
}

function coalesceForConditions(
  chart: LoadedChart,
  overrides: JsonObject,
  { major, budget, sharesMaps, onMismatch }: EnableOptions,
): JsonObject {
  const mayShare = sharesMaps && mergesEachSectionOnce(chart);
  const dest = copySection(chart, overrides, { budget, withoutNulls: false, sharesMaps: mayShare });
  return coalesceUnder(chart, dest, { major, merge: false, budget, sharesMaps: mayShare, onMismatch });
}

/** Disables entries of which a tag is false and none is true. */
function disableByTags(
  entries: readonly DependencyEntry[],
  values: JsonObject,
  { readLeaf = readLeafUnchanged }: EnableOptions,
): void {
  const tags = getKey(values, 'tags');
  if (!isObject(tags)) return;
  for (const entry of entries) {
    const { tags: named } = entry.declared;
    const flags = (Array.isArray(named) ? named : []).map((tag) =>
      typeof tag === 'string' ? readLeaf(getKey(tags, tag)) : undefined,
    );
    entry.enabled = flags.includes(true) || !flags.includes(false);
  }
}

/** Evaluates a condition: the first path that leads to true or false decides. */
function readCondition(
  { declared }: DependencyEntry,
  path: string,
  values: JsonObject,
  { readLeaf = readLeafUnchanged }: EnableOptions,
): boolean | undefined {
  if (typeof declared.condition !== 'string') return undefined;
  for (const part of declared.condition.trim().split(',')) {
    const [key = '', ...above] = part === '' ? [] : `${path}${part}`.split('.').reverse();
    const value = readLeaf(getKey(findTable(values, above.reverse()) ?? {}, key));
    if (part !== '' && typeof value === 'boolean') return value;
  }
  return undefined;
}

const readLeafUnchanged: ReadLeaf = (value) => value;

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
