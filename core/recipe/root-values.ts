import type { Json, JsonObject } from '../yaml/json.ts';
import { addMissingKeys } from './base-values.ts';
import { composeValues } from './compose-values.ts';
import { addRequiredNulls, findRequiredNulls, toUnconfiguredChart } from './imported-values.ts';
import { pinAliases } from './pin-aliases.ts';
import type { ValuesMode } from './recipe.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/** Computes the values of the new chart's root on demand, with a cache key. */
export interface RootValues {
  /** Everything besides the source's own values that the result depends on. */
  key: unknown;
  compose(): JsonObject;
}

/**
 * Prepares the new chart's own values: `composeValues`, plus required nulls and pinned defaults.
 * @param config the recipe's configuration as one tree
 */
export function rootValues(root: ResolvedNode, mode: ValuesMode, config: Json): RootValues {
  const nulls = findRequiredNulls(mode, config, () => toUnconfiguredChart(root));
  const pins = mode === 'merge' ? pinAliases(root.kept?.subcharts ?? [], config) : {};
  return {
    key: [composeValuesInputs(root), nulls, pins],
    compose: () => addRequiredNulls(addMissingKeys(composeValues(root, mode), pins), nulls),
  };
}

/** Collects everything besides the source's own values that `composeValues` depends on. */
function composeValuesInputs({ name, config, inside, source, children, kept }: ResolvedNode): unknown {
  return [
    name,
    config,
    inside ? source.name : null,
    kept !== undefined,
    ...children.map(composeValuesInputs),
  ];
}
