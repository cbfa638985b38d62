import type { Chart } from '../chart/chart.ts';
import { isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { baseValues, fillUnder } from './base-values.ts';
import { pruneValues } from './compose-values.ts';
import { chartOf, findHeldNulls, holdNulls } from './imported-values.ts';
import { type KeptSubchart, keepAll } from './keep-subcharts.ts';
import { pinAliases } from './pin-aliases.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/** The own values of a chart below the root, and all that they depend on beside its source's. */
export interface OwnValues {
  values: JsonObject;
  wish: unknown;
}

/** The own values of a child: its source's, but for what null removes and what stands under other names. */
export function childValues(child: ResolvedNode, config: Json | undefined): OwnValues {
  const base = baseValues(child);
  const change = changeValues(base, config, child.kept?.subcharts ?? [], () => chartOf(child));
  return base === child.source.values ? change : { ...change, wish: [change.wish, shapeOf(child)] };
}

/** The own values of a kept chart: but for what null removes. */
export function keptValues(chart: Chart, config: Json | undefined): OwnValues {
  return changeValues(chart.values, config, isObject(config) ? keepAll(chart) : [], () => chart);
}

function changeValues(
  base: JsonObject,
  config: Json | undefined,
  kept: readonly KeptSubchart[],
  chart: () => Chart,
): OwnValues {
  if (!isObject(config)) return { values: base, wish: undefined };
  const held = findHeldNulls('merge', config, chart);
  const pins = pinAliases(kept, config);
  return {
    values: holdNulls(fillUnder(pruneValues(base, config), pins), held),
    wish: [config, held, pins],
  };
}

/** The names that decide what `baseValues` makes of a source. */
export function shapeOf({ name, inside, source, children, kept }: ResolvedNode): unknown {
  return [name, inside ? source.name : null, kept !== undefined, ...children.map(shapeOf)];
}
