import type { Json, JsonObject } from '../yaml/json.ts';
import { fillUnder } from './base-values.ts';
import { composeValues } from './compose-values.ts';
import { chartOf, findHeldNulls, holdNulls } from './imported-values.ts';
import { pinAliases } from './pin-aliases.ts';
import type { ValuesMode } from './plan.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/** The values of the new chart's root, and all that they depend on beside its source's own. */
export interface RootValues {
  wish: unknown;
  compose(): JsonObject;
}

/**
 * The own values of the new chart: `composeValues`, with the nulls and defaults that its subcharts need it to say.
 * @param config all that the recipe says
 */
export function rootValues(root: ResolvedNode, mode: ValuesMode, config: Json): RootValues {
  const held = findHeldNulls(mode, config, () => chartOf(root));
  const pins = mode === 'merge' ? pinAliases(root.kept?.subcharts ?? [], config) : {};
  return {
    wish: [wishesOf(root), held, pins],
    compose: () => holdNulls(fillUnder(composeValues(root, mode), pins), held),
  };
}

/** All that `composeValues` depends on beside the source's own values. */
function wishesOf({ name, config, inside, source, children, kept }: ResolvedNode): unknown {
  return [name, config, inside ? source.name : null, kept !== undefined, ...children.map(wishesOf)];
}
