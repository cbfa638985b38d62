import type { Chart, Dependency } from './chart.ts';
import { coalesceValues } from './coalesce.ts';
import { isInRange } from './constraint.ts';
import { getKey, isObject, type Json, type JsonObject } from './json.ts';

/** A chart as it is rendered: under its alias, with those inside that conditions and tags let in, and nothing declared. */
export interface LiveChart extends Chart {
  /** Whether it or a chart below takes values over from its subcharts (`import-values`), which are then not known here. */
  imports: boolean;
  subcharts: LiveChart[];
}

/**
 * The charts that Helm renders when the user sets nothing (chartutil.ProcessDependencies): an entry finds its chart by
 * name and range; tags and conditions are read from the values of the whole; of a chart that declares nothing, all
 * below is on, whatever it declares itself.
 */
export function enableCharts(root: Chart): LiveChart {
  // Values cost more to bring together than all else about this, and seldom decide anything.
  const values = isConditional(root) ? coalesceValues(root) : {};
  return enable(root, root.name, '', values, tagsOf(values));
}

/** Whether a chart is switched on or off by values anywhere. */
function isConditional({ dependencies, subcharts }: Chart): boolean {
  return (
    dependencies.some(({ condition, tags }) => condition !== undefined || tags !== undefined) ||
    subcharts.some(isConditional)
  );
}

function enable(chart: Chart, name: string, path: string, values: JsonObject, tags: JsonObject): LiveChart {
  if (chart.dependencies.length === 0) return keepOn(chart, name);
  const known = { ...tagsOf(chart.values), ...tags };
  const subcharts = findCharts(chart)
    .filter((part) => !isOff(part.name, chart.dependencies, path, values, known))
    .map((part) => enable(part.chart, part.name, `${path}${part.name}.`, values, known));
  const on = new Set(subcharts.map((subchart) => subchart.name));
  const imports = chart.dependencies.some(
    (entry) => Array.isArray(entry['import-values']) && on.has(entry.alias || entry.name),
  );
  return live(chart, name, subcharts, imports);
}

function keepOn(chart: Chart, name: string): LiveChart {
  const subcharts = chart.subcharts.map((subchart) => keepOn(subchart, subchart.name));
  return live(chart, name, subcharts, false);
}

function live(chart: Chart, name: string, subcharts: LiveChart[], imports: boolean): LiveChart {
  return {
    ...chart,
    name,
    dependencies: [],
    subcharts,
    imports: imports || subcharts.some((subchart) => subchart.imports),
  };
}

/** First those that no entry declares, then one for each entry. */
function findCharts({ subcharts, dependencies }: Chart): { name: string; chart: Chart }[] {
  const isMeant = (entry: Dependency, chart: Chart) =>
    entry.name === chart.name && isInRange(entry.version ?? '', chart.version);
  const undeclared = subcharts.filter((chart) => !dependencies.some((entry) => isMeant(entry, chart)));
  const declared = dependencies.flatMap((entry) => {
    const chart = subcharts.find((candidate) => isMeant(entry, candidate));
    return chart ? [{ name: entry.alias || entry.name, chart }] : [];
  });
  return [...undeclared.map((chart) => ({ name: chart.name, chart })), ...declared];
}

function isOff(
  name: string,
  dependencies: readonly Dependency[],
  path: string,
  values: JsonObject,
  tags: JsonObject,
): boolean {
  return dependencies.some(
    (entry) =>
      (entry.alias || entry.name) === name && !(readCondition(entry, path, values) ?? readTags(entry, tags)),
  );
}

/** The first path that leads to true or false decides. */
function readCondition({ condition }: Dependency, path: string, values: JsonObject): boolean | undefined {
  if (typeof condition !== 'string') return undefined;
  for (const part of condition.trim().split(',')) {
    const value = part === '' ? undefined : findPath(values, `${path}${part}`.split('.'));
    if (typeof value === 'boolean') return value;
  }
  return undefined;
}

/** On unless a tag says false and none says true. */
function readTags({ tags: named }: Dependency, tags: JsonObject): boolean {
  if (!Array.isArray(named)) return true;
  const said = named.map((tag) => (typeof tag === 'string' ? getKey(tags, tag) : undefined));
  return said.includes(true) || !said.includes(false);
}

function tagsOf(values: JsonObject): JsonObject {
  const tags = getKey(values, 'tags');
  return isObject(tags) ? tags : {};
}

/** The value at a path of keys, or undefined. */
export function findPath(values: Json | undefined, path: readonly string[]): Json | undefined {
  let found: Json | undefined = values;
  for (const key of path) {
    if (Array.isArray(found)) found = /^\d+$/.test(key) ? found[Number(key)] : undefined;
    else found = isObject(found) ? getKey(found, key) : undefined;
  }
  return found;
}
