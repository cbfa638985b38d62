import type { JsonObject } from '../yaml/json.ts';
import type { Plan, PlannedNode } from './plan.ts';
import type { Config } from './recipe.ts';

/**
 * Writes a plan as JSON, as `JSON.stringify` writes it once all configurations are data.
 * Configurations that are texts already are copied, not read.
 */
export function writePlan({ root, ...rest }: Plan<Config>): string {
  return `${JSON.stringify(rest).slice(0, -1)},"root":${writeNode(root)}}`;
}

/** Writes a planned node, with the nodes below it, as JSON. */
export function writeNode({ config, children, ...rest }: PlannedNode<Config>): string {
  const parts = [JSON.stringify(rest).slice(0, -1)];
  if (config !== undefined)
    parts.push(`"config":${typeof config === 'string' ? config : JSON.stringify(config)}`);
  const below = children.map(
    ({ name, node }) => `{"name":${JSON.stringify(name)},"node":${writeNode(node)}}`,
  );
  return `${parts.join()},"children":[${below.join()}]}`;
}

/** Whether all configurations of a plan are data, so that the plan can be composed where it is. */
export function hasData(plan: Plan<Config>): plan is Plan<JsonObject> {
  return isData(plan.root);
}

function isData({ config, children }: PlannedNode<Config>): boolean {
  return typeof config !== 'string' && children.every(({ node }) => isData(node));
}

/** Turns the configurations of a plan into texts. */
export function toPlanOfTexts(plan: Plan): Plan<string> {
  return { ...plan, root: toNodeOfTexts(plan.root) };
}

function toNodeOfTexts({ config, children, ...rest }: PlannedNode): PlannedNode<string> {
  return {
    ...rest,
    ...(config ? { config: JSON.stringify(config) } : {}),
    children: children.map(({ name, node }) => ({ name, node: toNodeOfTexts(node) })),
  };
}
