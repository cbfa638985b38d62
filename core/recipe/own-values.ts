import type { Chart } from '../chart/chart.ts';
import { isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { addMissingKeys, baseValues } from './base-values.ts';
import { pruneValues } from './compose-values.ts';
import { addRequiredNulls, findRequiredNulls, toUnconfiguredChart } from './imported-values.ts';
import { type KeptSubchart, keepAll } from './keep-subcharts.ts';
import { pinAliases } from './pin-aliases.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/** The own values of a chart below the root, with a cache key. */
export interface OwnValues {
  values: JsonObject;
  /** Everything besides the source's values that the result depends on. */
  key: unknown;
}

/**
 * Computes a child's own values. Own values are the source's, without keys removed by null, and under their new
 * names.
 */
export function childValues(child: ResolvedNode, config: Json | undefined): OwnValues {
  const base = baseValues(child);
  const change = changeValues(base, config, child.kept?.subcharts ?? [], () => toUnconfiguredChart(child));
  return base === child.source.values
    ? change
    : { ...change, key: [change.key, namesAffectingBaseValues(child)] };
}

/** Computes a kept chart's own values: its source's, without keys removed by null. */
export function keptValues(chart: Chart, config: Json | undefined): OwnValues {
  return changeValues(chart.values, config, isObject(config) ? keepAll(chart) : [], () => chart);
}

function changeValues(
  base: JsonObject,
  config: Json | undefined,
  kept: readonly KeptSubchart[],
  chart: () => Chart,
): OwnValues {
  if (!isObject(config)) return { values: base, key: undefined };
  const nulls = findRequiredNulls('merge', config, chart);
  const pins = pinAliases(kept, config);
  return {
    values: addRequiredNulls(addMissingKeys(pruneValues(base, config), pins), nulls),
    key: [config, nulls, pins],
  };
}

/** Collects the names that decide how `baseValues` changes a source's values. */
export function namesAffectingBaseValues({ name, inside, source, children, kept }: ResolvedNode): unknown {
  return [name, inside ? source.name : null, kept !== undefined, ...children.map(namesAffectingBaseValues)];
}
