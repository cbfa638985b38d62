import type { Chart } from '../../chart/chart.ts';
import { findValueAt } from '../../chart/enabled-charts.ts';
import type { ValueGuard, ValueRead } from '../../chart/templates/template-notes.ts';
import { equalJson, isObject, type Json, type JsonObject } from '../../yaml/json.ts';
import type { ChartPlace } from './places.ts';

/** A read whose value the source had and the new chart lacks. */
export interface ValueLoss {
  read: ValueRead;
  /** The chart that has the template. */
  owner: Chart;
  /** Whether rendering fails there, rather than giving another result. */
  fails: boolean;
  /** Names that lead to the first subchart on the read's way that is not in the new chart. */
  missingChart?: readonly string[];
}

/** Finds out whether a chart loses the value of a read. No loss is one that renders the same. */
export function findValueLoss(read: ValueRead, owner: Chart, place: ChartPlace): ValueLoss | undefined {
  const { path, needs = path.length - 1, charts = 0, fallback, decides, guards = [] } = read;
  const { chart, after } = place;
  const value = valueBefore(place, path);
  if (value === null) return undefined;
  const missingChart = findMissingChart(chart, path.slice(0, charts));
  if (!missingChart && (findValueAt(after, path) ?? null) !== null) return undefined;
  if (!guards.every((guard) => guardAllowsRead(guard, place))) return undefined;
  const isReached = guards.every((guard) => guardHolds(guard, after, chart));
  const fails =
    isReached && (missingChart !== undefined || !isObject(findValueAt(after, path.slice(0, needs))));
  if (!fails) {
    if (value === '' || (decides && !isTruthy(value))) return undefined;
    if (fallback !== undefined && equalJson(fallback, value)) return undefined;
  }
  return { read, owner, fails, ...(missingChart ? { missingChart } : {}) };
}

function valueBefore({ before, switchedOn }: ChartPlace, path: readonly string[]): Json {
  return findValueAt(before, path) ?? findValueAt(switchedOn, path) ?? null;
}

/**
 * Checks whether a guard lets the read happen in the new chart, or stopped it only because its own value was lost
 * too.
 */
function guardAllowsRead(
  guard: ValueGuard,
  { before, switchedOn, source, chart, after }: ChartPlace,
): boolean {
  if (guardHolds(guard, after, chart)) return true;
  const held = [before, switchedOn].some((values) => values && guardHolds(guard, values, source));
  // A subchart that the recipe adds switches the branch off; that is not a loss.
  if (guard.chart) return held && !guard.not;
  return held && findValueAt(after, guard.path) === undefined;
}

function guardHolds(
  { path, chart: isChart, not, equals }: ValueGuard,
  values: JsonObject,
  chart: Chart,
): boolean {
  const value = findValueAt(values, path) ?? null;
  const holds = isChart
    ? !findMissingChart(chart, path)
    : equals === undefined
      ? isTruthy(value)
      : equalJson(value, equals);
  return holds !== (not === true);
}

/**
 * Follows names or aliases of subcharts.
 * @returns the names up to the first subchart that is not there; undefined if all are there
 */
function findMissingChart(chart: Chart, names: readonly string[]): readonly string[] | undefined {
  let inner: Chart = chart;
  for (const [index, name] of names.entries()) {
    const { dependencies, subcharts }: Chart = inner;
    const entry = dependencies.find((declared) => (declared.alias || declared.name) === name);
    const next = subcharts.find((subchart) => subchart.name === (entry?.name ?? name));
    if (!next) return names.slice(0, index + 1);
    inner = next;
  }
  return undefined;
}

/** Evaluates truth as Go's text/template does. */
function isTruthy(value: Json): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isObject(value) ? Object.keys(value).length > 0 : Boolean(value);
}
